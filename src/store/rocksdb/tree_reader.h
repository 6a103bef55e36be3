#pragma once
// Tiles of a log's tree as they are stored (docs/formats/store.md, tree). One thread at a time.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "tlog/tile.h"

namespace piperoll::store::rocks {

class StoredTiles final : public tlog::TileReader {
 public:
  // The database outlives it.
  StoredTiles(const Database& database, Snapshot snapshot, LogNumber log)
      : database_(database), snapshot_(std::move(snapshot)), log_(log) {}

  // Corruption when fewer hashes are stored than the tile is wide.
  base::Result<std::vector<tlog::Hash>> read_tile(const tlog::Tile& tile) override;

 private:
  const Database& database_;
  const Snapshot snapshot_;
  const LogNumber log_;
};

}  // namespace piperoll::store::rocks
