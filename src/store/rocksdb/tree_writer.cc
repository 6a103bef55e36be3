#include "store/rocksdb/tree_writer.h"

#include <algorithm>

#include "tlog/tile.h"

namespace piperoll::store::rocks {

void TreeWriter::append(tlog::Frontier& tree, const tlog::Hash& leaf) {
  nodes_.clear();
  tree.append(leaf, nodes_);
  for (const tlog::Node& node : nodes_) {
    if (node.id.level % tlog::kTileHeight != 0) {
      continue;
    }
    const std::size_t level = node.id.level / tlog::kTileHeight;
    if (level >= runs_.size()) {
      runs_.resize(level + 1);
    }
    if (runs_[level].hashes.empty()) {
      runs_[level].first = node.id.index;
    }
    runs_[level].hashes.append(tlog::as_bytes(node.hash));
  }
}

void TreeWriter::finish(const Database& database, rocksdb::WriteBatch& writes) {
  for (unsigned level = 0; level < runs_.size(); ++level) {
    std::uint64_t next = runs_[level].first;
    base::ByteView rest = runs_[level].hashes;
    while (!rest.empty()) {
      const std::size_t room = tlog::kTileWidth - next % tlog::kTileWidth;
      const std::size_t bytes = std::min(rest.size(), room * tlog::kHashBytes);
      const base::Bytes key = tile_key(log_, level, next / tlog::kTileWidth);
      writes.Merge(database.handle(Family::Tree), rocksdb::Slice(key),
                   rocksdb::Slice(rest.data(), bytes));
      rest.remove_prefix(bytes);
      next += bytes / tlog::kHashBytes;
    }
    runs_[level].hashes.clear();
  }
}

}  // namespace piperoll::store::rocks
