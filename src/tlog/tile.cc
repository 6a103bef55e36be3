#include "tlog/tile.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/coding.h"

namespace piperoll::tlog {
namespace {

constexpr std::string_view kTilePrefix = "tile/";
constexpr std::string_view kEntriesPrefix = "tile/entries/";
constexpr std::string_view kPartial = ".p/";
constexpr unsigned kGroup = 1000;
constexpr std::size_t kGroupDigits = 3;
constexpr unsigned kTreeLevels = 64 / kTileHeight;  // level 8 would hold hashes of 2^64 leaves

base::Error not_a_tile(std::string_view path) {
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = "not the path of a tile: " + std::string(path.substr(0, 100))};
}

std::string three_digits(unsigned value) {
  const std::string digits = std::to_string(value);
  return std::string(kGroupDigits - digits.size(), '0') + digits;
}

std::string index_and_width(std::uint64_t index, unsigned width) {
  CHECK(width >= 1 && width <= kTileWidth);
  std::string path = three_digits(static_cast<unsigned>(index % kGroup));
  for (index /= kGroup; index > 0; index /= kGroup) {
    path = "x" + three_digits(static_cast<unsigned>(index % kGroup)) + "/" + path;
  }
  if (width < kTileWidth) {
    path.append(kPartial).append(std::to_string(width));
  }
  return path;
}

// Digits alone; the caller makes sure of their canonical form by printing the whole path again.
template <class Integer>
std::optional<Integer> number(std::string_view digits) {
  Integer value{};
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  return error == std::errc{} && stop == end && !digits.empty() ? std::optional(value)
                                                                : std::nullopt;
}

// "x001/x234/067" without what is not a digit is the number itself.
std::optional<std::uint64_t> grouped_number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits.push_back(c);
    } else if (c != 'x' && c != '/') {
      return std::nullopt;
    }
  }
  return number<std::uint64_t>(digits);
}

std::optional<EntryBundle> parse_index_and_width(std::string_view text) {
  EntryBundle parsed;
  if (const std::size_t at = text.find(kPartial); at != std::string_view::npos) {
    const auto width = number<unsigned>(text.substr(at + kPartial.size()));
    if (!width || *width == 0 || *width >= kTileWidth) {
      return std::nullopt;
    }
    parsed.width = *width;
    text = text.substr(0, at);
  }
  const auto index = grouped_number(text);
  if (!index) {
    return std::nullopt;
  }
  parsed.index = *index;
  return parsed;
}

}  // namespace

std::string path_of(const Tile& tile) {
  CHECK(tile.level <= kTileLevelMax);
  return std::string(kTilePrefix) + std::to_string(tile.level) + "/" +
         index_and_width(tile.index, tile.width);
}

std::string path_of(const EntryBundle& bundle) {
  return std::string(kEntriesPrefix) + index_and_width(bundle.index, bundle.width);
}

base::Result<TileResource> parse_tile_path(std::string_view path) {
  if (path.starts_with(kEntriesPrefix)) {
    const auto bundle = parse_index_and_width(path.substr(kEntriesPrefix.size()));
    if (!bundle || path_of(*bundle) != path) {
      return not_a_tile(path);
    }
    return TileResource(*bundle);
  }
  if (!path.starts_with(kTilePrefix)) {
    return not_a_tile(path);
  }
  const std::string_view rest = path.substr(kTilePrefix.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) {
    return not_a_tile(path);
  }
  const auto level = number<unsigned>(rest.substr(0, slash));
  const auto place = parse_index_and_width(rest.substr(slash + 1));
  if (!level || *level > kTileLevelMax || !place) {
    return not_a_tile(path);
  }
  const Tile tile{*level, place->index, place->width};
  if (path_of(tile) != path) {
    return not_a_tile(path);
  }
  return TileResource(tile);
}

unsigned tile_width(unsigned level, std::uint64_t index, std::uint64_t tree_size) {
  if (level >= kTreeLevels) {
    return 0;
  }
  const std::uint64_t hashes = tree_size >> (kTileHeight * level);
  const std::uint64_t full = hashes >> kTileHeight;
  if (index < full) {
    return kTileWidth;
  }
  return index == full ? static_cast<unsigned>(hashes % kTileWidth) : 0;
}

bool exists(const Tile& tile, std::uint64_t tree_size) {
  return tile.width >= 1 && tile.width <= tile_width(tile.level, tile.index, tree_size);
}

bool exists(const EntryBundle& bundle, std::uint64_t tree_size) {
  return exists(Tile{0, bundle.index, bundle.width}, tree_size);
}

std::vector<Tile> tiles_of_growth(std::uint64_t from, std::uint64_t to) {
  CHECK(from <= to);
  std::vector<Tile> tiles;
  for (unsigned level = 0; level < kTreeLevels; ++level) {
    const std::uint64_t old_hashes = from >> (kTileHeight * level);
    const std::uint64_t hashes = to >> (kTileHeight * level);
    if (hashes == old_hashes) {
      break;  // nor has any level above grown
    }
    const std::uint64_t last = (hashes - 1) >> kTileHeight;
    for (std::uint64_t index = old_hashes >> kTileHeight; index <= last; ++index) {
      tiles.push_back({level, index, tile_width(level, index, to)});
    }
  }
  return tiles;
}

TilePlace place_of(const NodeId& node) {
  const unsigned below = node.level % kTileHeight;  // levels between the node and its tile's hashes
  const std::uint64_t hash = node.index << below;
  return {.level = node.level / kTileHeight,
          .index = node.index >> (kTileHeight - below),
          .first = static_cast<unsigned>(hash % kTileWidth),
          .count = 1U << below};
}

base::Bytes encode_tile(std::span<const Hash> hashes) {
  base::Bytes bytes;
  bytes.reserve(hashes.size() * kHashBytes);
  for (const Hash& hash : hashes) {
    bytes.append(as_bytes(hash));
  }
  return bytes;
}

base::Result<std::vector<Hash>> decode_tile(base::ByteView bytes) {
  if (bytes.empty() || bytes.size() % kHashBytes != 0 || bytes.size() > kTileWidth * kHashBytes) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "a tile cannot have " + std::to_string(bytes.size()) + " bytes"};
  }
  std::vector<Hash> hashes(bytes.size() / kHashBytes);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const base::ByteView one = bytes.substr(i * kHashBytes, kHashBytes);
    std::copy(one.begin(), one.end(), hashes[i].begin());
  }
  return hashes;
}

void append_entry(base::Bytes& bundle, base::ByteView leaf) {
  CHECK(leaf.size() <= kEntryBytesMax);
  base::put_be16(bundle, static_cast<std::uint16_t>(leaf.size()));
  bundle.append(leaf);
}

base::Result<std::vector<base::ByteView>> decode_bundle(base::ByteView bytes, unsigned width) {
  base::Decoder decoder(bytes);
  std::vector<base::ByteView> leaves;
  for (unsigned i = 0; i < width && decoder.ok(); ++i) {
    const std::uint16_t length = decoder.be16();
    leaves.push_back(decoder.bytes(length));
  }
  if (width == 0 || width > kTileWidth || !decoder.ok() || !decoder.at_end()) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "not an entry bundle of " + std::to_string(width) + " leaves"};
  }
  return leaves;
}

Hash subtree_hash(std::span<const Hash> leaves) {
  CHECK(!leaves.empty() && (leaves.size() & (leaves.size() - 1)) == 0);
  if (leaves.size() == 1) {
    return leaves.front();
  }
  std::vector<Hash> level(leaves.size() / 2);
  for (std::size_t i = 0; i < level.size(); ++i) {
    level[i] = node_hash(leaves[2 * i], leaves[2 * i + 1]);
  }
  for (std::size_t count = level.size() / 2; count > 0; count /= 2) {
    for (std::size_t i = 0; i < count; ++i) {
      level[i] = node_hash(level[2 * i], level[2 * i + 1]);
    }
  }
  return level.front();
}

base::Result<std::vector<Hash>> TiledHashReader::read_hashes(std::span<const NodeId> nodes) {
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> tiles;
  std::vector<Hash> hashes;
  hashes.reserve(nodes.size());
  for (const NodeId& node : nodes) {
    if (!is_complete(node, tree_size_)) {
      return base::Error{
          .kind = base::ErrorKind::InvalidArgument,
          .message = "no such node in a tree of " + std::to_string(tree_size_) + " leaves"};
    }
    const TilePlace place = place_of(node);
    std::vector<Hash>& tile = tiles[{place.level, place.index}];
    if (tile.empty()) {
      const Tile wanted{place.level, place.index, tile_width(place.level, place.index, tree_size_)};
      ASSIGN_OR_RETURN(tile, tiles_.read_tile(wanted));
      if (tile.size() != wanted.width) {
        return base::Error{
            .kind = base::ErrorKind::Corruption,
            .message = path_of(wanted) + " has " + std::to_string(tile.size()) + " hashes"};
      }
    }
    hashes.push_back(subtree_hash(std::span(tile).subspan(place.first, place.count)));
  }
  return hashes;
}

}  // namespace piperoll::tlog
