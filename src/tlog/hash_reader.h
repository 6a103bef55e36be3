#pragma once
// Where proofs take their hashes from.

#include <span>
#include <vector>

#include "base/result.h"
#include "tlog/hash.h"
#include "tlog/tree_math.h"

namespace piperoll::tlog {

// A tree at rest: a store, tiles, or an array in a test. Thread safety is the implementer's to say.
class HashReader {
 public:
  virtual ~HashReader() = default;
  // The hashes of complete nodes, one for each and in their order; or an error, and then none. Only
  // nodes that are complete in the tree_size of the caller are asked for, never one twice in a
  // call.
  virtual base::Result<std::vector<Hash>> read_hashes(std::span<const NodeId> nodes) = 0;
};

}  // namespace piperoll::tlog
