#pragma once
// GET /v1/events/{id}/proof and what is below /v1/logs/{org}: proofs, checkpoints, tiles
// (docs/formats/evidence.md). Pure functions.

#include <string_view>

#include "base/result.h"
#include "dialect/native/parameters.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// By Accept: application/sd-jwt, text/x.tlog.proof; JSON for everything else.
operation::ProveEvent::Form proof_form(const wire::Request& request);
base::Result<operation::Operation> read_prove_event(ParameterReader& parameters,
                                                    operation::ProveEvent::Form form,
                                                    std::string_view id);
base::Result<operation::Operation> read_prove_consistency(ParameterReader& parameters,
                                                          event::LogKind log);

wire::Response encode_event_proven(operation::ProveEvent::Form form,
                                   const operation::EventProven& proven);
// A note; with a strong ETag, and 304 where known (If-None-Match) has it.
wire::Response encode_checkpoint(const operation::CheckpointRead& read, std::string_view known);
// Tiles never change, so they may be kept for good (c2sp.org/tlog-tiles).
wire::Response encode_tile_read(operation::TileRead&& read);
// Verifier keys (c2sp.org/signed-note), one a line, newest first.
wire::Response encode_log_keys(const operation::LogKeysRead& read);
wire::Response encode_consistency(const operation::ConsistencyProven& proven);

}  // namespace piperoll::dialect::native
