#pragma once
// What the service shows of the trees: proofs, checkpoints, tiles. On a worker.
//
// All: NotFound (code "evidence_off") where no evidence is kept; Corruption (code "tree_mismatch")
// where a row is not the one whose leaf was hashed.

#include "operation/operation.h"
#include "operation/outcome.h"
#include "service/service.h"

namespace piperoll::service {

// The tree of the log at a size that it has reached; the store outlives it.
base::Result<std::unique_ptr<tlog::HashReader>> tree_of(const ServiceParts& parts,
                                                        const event::LogId& log,
                                                        std::uint64_t tree_size);

// NotFound "event_not_found"; InvalidArgument for a size that does not hold the event or that the
// log has not reached; ResourceExhausted "timeout" when no checkpoint covers it in time.
base::Result<operation::Outcome> prove_event(const ServiceParts& parts, const event::LogId& log,
                                             const operation::ProveEvent& prove);

base::Result<operation::Outcome> read_checkpoint(const ServiceParts& parts,
                                                 const event::LogId& log);

// NotFound "tile_not_found" for what the log has not, or not yet.
base::Result<operation::Outcome> read_tile(const ServiceParts& parts, const event::LogId& log,
                                           const tlog::TileResource& resource);

base::Result<operation::Outcome> read_log_keys(const ServiceParts& parts, const event::LogId& log);

// InvalidArgument unless from <= to <= size of the log.
base::Result<operation::Outcome> prove_consistency(const ServiceParts& parts,
                                                   const event::LogId& log,
                                                   const operation::ProveConsistency& prove);

}  // namespace piperoll::service
