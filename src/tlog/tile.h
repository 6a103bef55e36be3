#pragma once
// Tiles and entry bundles of c2sp.org/tlog-tiles: their coordinates, paths and bytes. Pure
// functions over values; TiledHashReader is as thread-safe as its TileReader.
//
// A tile of level l holds up to 256 hashes of the tree's level 8 * l; hash i of tile n is that of
// the complete node (8 * l, 256 * n + i). A full tile never changes. At the right edge of a tree a
// tile may be partial, of 1 to 255 hashes; there is no empty one, and no partial tile is hashed
// into the level above. Tiles are 32 bytes for each hash. Bundles hold the leaves themselves, for
// each a 16-bit big-endian length and its bytes, and are as wide as the level-0 tile of their
// index.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "tlog/hash.h"
#include "tlog/hash_reader.h"
#include "tlog/tree_math.h"

namespace piperoll::tlog {

inline constexpr unsigned kTileHeight = 8;
inline constexpr unsigned kTileWidth = 1U << kTileHeight;
inline constexpr unsigned kTileLevelMax = 63;           // of a path; no tree reaches level 8
inline constexpr std::size_t kEntryBytesMax = 0xff'ff;  // what the 16-bit length can say

struct Tile {
  unsigned level = 0;           // 0 to kTileLevelMax
  std::uint64_t index = 0;      // of the tile in its level
  unsigned width = kTileWidth;  // 1 to kTileWidth hashes
  bool operator==(const Tile&) const = default;
};

struct EntryBundle {
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  // 1 to kTileWidth leaves
  bool operator==(const EntryBundle&) const = default;
};

// "tile/0/x001/x234/067", "tile/1/001.p/17", "tile/entries/273.p/112". REQUIRES: fields in range
std::string path_of(const Tile& tile);
std::string path_of(const EntryBundle& bundle);
// The inverse, of a path without leading slash: exactly the strings that path_of gives.
// InvalidArgument for anything else.
using TileResource = std::variant<Tile, EntryBundle>;
base::Result<TileResource> parse_tile_path(std::string_view path);

// How many hashes the tile (level, index) has in a tree of this size; 0: there is no such tile.
unsigned tile_width(unsigned level, std::uint64_t index, std::uint64_t tree_size);
// Whether a tile of this width could be, or could have been, served for a tree of this size. True
// for every smaller width too: whoever holds the tile can cut it.
bool exists(const Tile& tile, std::uint64_t tree_size);
bool exists(const EntryBundle& bundle, std::uint64_t tree_size);
// The tiles that a tree of `to` leaves has and that of `from` leaves had not, or narrower: by
// level, then index. REQUIRES: from <= to
std::vector<Tile> tiles_of_growth(std::uint64_t from, std::uint64_t to);

// Where the hash of a complete node comes from: the root of `count` (1, 2, 4 ... 128) hashes of a
// tile, from the one numbered `first` on.
struct TilePlace {
  unsigned level = 0;
  std::uint64_t index = 0;
  unsigned first = 0;
  unsigned count = 1;
  bool operator==(const TilePlace&) const = default;
};
TilePlace place_of(const NodeId& node);

base::Bytes encode_tile(std::span<const Hash> hashes);
// InvalidArgument unless there are 1 to kTileWidth whole hashes.
base::Result<std::vector<Hash>> decode_tile(base::ByteView bytes);

// Appends one leaf to a bundle. REQUIRES: leaf.size() <= kEntryBytesMax
void append_entry(base::Bytes& bundle, base::ByteView leaf);
// The leaves; views into bytes. InvalidArgument unless there are exactly `width` whole ones.
base::Result<std::vector<base::ByteView>> decode_bundle(base::ByteView bytes, unsigned width);

// The hash of a complete subtree. REQUIRES: the number of leaves is a power of two
Hash subtree_hash(std::span<const Hash> leaves);

class TileReader {
 public:
  virtual ~TileReader() = default;
  // The hashes of the tile, exactly tile.width of them, or an error.
  virtual base::Result<std::vector<Hash>> read_tile(const Tile& tile) = 0;
};

// Nodes out of tiles, each tile asked for once in a call and as wide as it is in the tree of
// tree_size leaves. What the tiles say is not checked here: see the head of proof.h.
class TiledHashReader final : public HashReader {
 public:
  // tiles must outlive this.
  TiledHashReader(std::uint64_t tree_size, TileReader& tiles)
      : tree_size_(tree_size), tiles_(tiles) {}
  // InvalidArgument for a node that is not complete in the tree; Corruption for a tile of the wrong
  // width; errors of the reader come through.
  base::Result<std::vector<Hash>> read_hashes(std::span<const NodeId> nodes) override;

 private:
  const std::uint64_t tree_size_;
  TileReader& tiles_;
};

}  // namespace piperoll::tlog
