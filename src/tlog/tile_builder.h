#pragma once
// The tiles of a tree that grows, for comparing them with those that somebody keeps. Of every level
// it holds the hashes of the tile that is not yet full: 8 kB a level. One thread at a time.

#include <span>
#include <vector>

#include "base/check.h"
#include "tlog/frontier.h"
#include "tlog/tile.h"

namespace piperoll::tlog {

class TileBuilder {
 public:
  // Nodes in the order of Frontier::append. sink(tile, hashes) for each tile that became full.
  template <class Sink>
  void add(std::span<const Node> nodes, Sink sink) {
    for (const Node& node : nodes) {
      if (node.id.level % kTileHeight != 0) {
        continue;
      }
      const unsigned level = node.id.level / kTileHeight;
      if (level >= open_.size()) {
        open_.resize(level + 1);
      }
      std::vector<Hash>& hashes = open_[level];
      CHECK(node.id.index % kTileWidth == hashes.size());
      hashes.push_back(node.hash);
      if (hashes.size() == kTileWidth) {
        sink(Tile{.level = level, .index = node.id.index / kTileWidth, .width = kTileWidth},
             std::span<const Hash>(hashes));
        hashes.clear();
      }
    }
  }

  // The partial tiles of a tree that ends here. REQUIRES: size leaves were added
  template <class Sink>
  void finish(std::uint64_t size, Sink sink) const {
    for (unsigned level = 0; level < open_.size(); ++level) {
      if (!open_[level].empty()) {
        const std::uint64_t index = size >> (kTileHeight * (level + 1));
        sink(Tile{.level = level,
                  .index = index,
                  .width = static_cast<unsigned>(open_[level].size())},
             std::span<const Hash>(open_[level]));
      }
    }
  }

 private:
  std::vector<std::vector<Hash>> open_;  // by level of tiles
};

}  // namespace piperoll::tlog
