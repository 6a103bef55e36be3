#include "store/rocksdb/tree_reader.h"

namespace piperoll::store::rocks {

base::Result<std::vector<tlog::Hash>> StoredTiles::read_tile(const tlog::Tile& tile) {
  rocksdb::PinnableSlice value;
  ASSIGN_OR_RETURN(
      const bool found,
      database_.find(Family::Tree, tile_key(log_, tile.level, tile.index), snapshot_, value));
  const std::size_t wanted = tile.width * tlog::kHashBytes;
  if (!found || value.size() < wanted) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "hashes of the tree are missing: " + tlog::path_of(tile),
                       .code = "damaged_tree"};
  }
  // What was written after this state of the tree is cut off.
  return tlog::decode_tile({value.data(), wanted});
}

}  // namespace piperoll::store::rocks
