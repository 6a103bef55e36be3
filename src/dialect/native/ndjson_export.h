#pragma once
// The body of an NDJSON export, and what else than events may stand in it. One thread at a time.

#include <cstdint>
#include <memory>

#include "base/uuid.h"
#include "operation/outcome.h"
#include "tlog/tree_math.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// How the events of the log that are not in the export are shown (evidence/withheld.h).
enum class Withheld {
  Unnamed,  // not at all
  Leaves,   // the hash of each of the range; those before and behind it by the nodes above them
  Nodes     // the fewest hashes that give the root
};

// range: the part of the log that was asked for; with Unnamed it is not looked at. Without a tree
// in streamed nothing is named.
std::unique_ptr<wire::BodyStream> ndjson_export(operation::Streamed&& streamed,
                                                const base::Uuid& org, Withheld withheld,
                                                tlog::LeafRange range);

}  // namespace piperoll::dialect::native
