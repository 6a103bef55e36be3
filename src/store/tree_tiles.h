#pragma once
// A log's tree in a store, as what proofs are made from (tlog/proof.h). As thread-safe as the
// store.

#include <vector>

#include "base/result.h"
#include "store/event_store.h"
#include "tlog/tile.h"

namespace piperoll::store {

class TreeTiles final : public tlog::TileReader {
 public:
  // The store outlives it.
  TreeTiles(EventStore& store, const event::LogId& log) : store_(store), log_(log) {}
  base::Result<std::vector<tlog::Hash>> read_tile(const tlog::Tile& tile) override {
    return store_.tree_tile(log_, tile);
  }

 private:
  EventStore& store_;
  const event::LogId log_;
};

}  // namespace piperoll::store
