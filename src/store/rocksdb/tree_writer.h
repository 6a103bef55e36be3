#pragma once
// TreeWriter: what a log's tree gains in one batch, on its way to the store. Stored are the hashes
// of every eighth level, which are tiles; all others follow from them. Applying thread only.

#include <cstdint>
#include <vector>

#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "tlog/frontier.h"

namespace piperoll::store::rocks {

class TreeWriter {
 public:
  explicit TreeWriter(LogNumber log) : log_(log) {}

  // Adds the leaf to the tree and notes what has to be stored of it.
  void append(tlog::Frontier& tree, const tlog::Hash& leaf);
  // Puts what was noted into the batch, and forgets it.
  void finish(const Database& database, rocksdb::WriteBatch& writes);

 private:
  // New hashes of one level of tiles, which follow each other.
  struct Run {
    std::uint64_t first = 0;
    base::Bytes hashes;
  };

  LogNumber log_;
  std::vector<tlog::Node> nodes_;  // of one leaf; kept for its memory
  std::vector<Run> runs_;          // by level of tiles
};

}  // namespace piperoll::store::rocks
