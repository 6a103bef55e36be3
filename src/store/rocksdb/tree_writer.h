#pragma once
// TreeWriter: what a log's tree gains in one batch, on its way to the store. Stored are the hashes
// of every eighth level, which are tiles; all others follow from them. Applying thread only.

#include <cstdint>
#include <span>
#include <vector>

#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "tlog/frontier.h"

namespace piperoll::store::rocks {

class TreeWriter {
 public:
  explicit TreeWriter(LogNumber log) : log_(log) {}

  // The next leaf. It waits for finish(), since many leaves together cost less.
  void append(const tlog::Hash& leaf) { leaves_.push_back(leaf); }
  std::size_t waiting() const { return leaves_.size(); }
  // Adds what waits to the tree, and what has to be stored of it to the batch.
  void finish(tlog::Frontier& tree, const Database& database, rocksdb::WriteBatch& writes);

 private:
  void put(const Database& database, rocksdb::WriteBatch& writes, std::span<const tlog::Node> row);

  LogNumber log_;
  std::vector<tlog::Hash> leaves_;
  std::vector<tlog::Node> nodes_;  // kept for their memory, as
  base::Bytes hashes_;
};

}  // namespace piperoll::store::rocks
