#include "store/rocksdb/tree_writer.h"

#include <algorithm>

#include "tlog/many_leaves.h"
#include "tlog/tile.h"

namespace piperoll::store::rocks {

// row: new nodes of one level of tiles, which follow each other.
void TreeWriter::put(const Database& database, rocksdb::WriteBatch& writes,
                     std::span<const tlog::Node> row) {
  while (!row.empty()) {
    const tlog::NodeId first = row.front().id;
    const std::size_t count =
        std::min<std::size_t>(row.size(), tlog::kTileWidth - first.index % tlog::kTileWidth);
    hashes_.clear();
    for (const tlog::Node& node : row.first(count)) {
      hashes_.append(tlog::as_bytes(node.hash));
    }
    const base::Bytes key =
        tile_key(log_, first.level / tlog::kTileHeight, first.index / tlog::kTileWidth);
    writes.Merge(database.handle(Family::Tree), rocksdb::Slice(key), rocksdb::Slice(hashes_));
    row = row.subspan(count);
  }
}

void TreeWriter::finish(tlog::Frontier& tree, const Database& database,
                        rocksdb::WriteBatch& writes) {
  nodes_.clear();
  tlog::append_all(tree, leaves_, nodes_);
  leaves_.clear();
  for (auto begin = nodes_.begin(); begin != nodes_.end();) {
    const auto end = std::find_if(begin, nodes_.end(), [&](const tlog::Node& node) {
      return node.id.level != begin->id.level;
    });
    if (begin->id.level % tlog::kTileHeight == 0) {
      put(database, writes, {begin, end});
    }
    begin = end;
  }
}

}  // namespace piperoll::store::rocks
