#include "tlog/tile.h"

#include <algorithm>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "tlog/proof.h"
#include "tlog/tile_builder.h"
#include "tlog/tree_test_support.h"
#include "tlog/verify.h"

namespace piperoll::tlog {
namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

// The tiles of a tree, cut out of its nodes.
class MemoryTiles final : public TileReader {
 public:
  explicit MemoryTiles(MemoryTree& tree) : tree_(tree) {}
  base::Result<std::vector<Hash>> read_tile(const Tile& tile) override {
    ++calls;
    std::vector<Hash> hashes;
    for (unsigned i = 0; i < tile.width; ++i) {
      hashes.push_back(tree_.nodes().at({kTileHeight * tile.level, kTileWidth * tile.index + i}));
    }
    return hashes;
  }
  int calls = 0;

 private:
  MemoryTree& tree_;
};

std::string digest(base::ByteView bytes) {
  return base::hex_encode(crypto::as_bytes(crypto::sha256(bytes)));
}

TEST(TilePath, IsThatOfTheSpecification) {
  const std::map<std::string, Tile> expected = {
      {"tile/0/000", {0, 0, 256}},
      {"tile/0/273.p/112", {0, 273, 112}},
      {"tile/0/999", {0, 999, 256}},
      {"tile/0/x001/000", {0, 1'000, 256}},
      {"tile/4/x001/x234/067", {4, 1'234'067, 256}},
      {"tile/63/x001/x234/067.p/255", {63, 1'234'067, 255}},
      {"tile/0/x018/x446/x744/x073/x709/x551/615.p/1", {0, kHuge, 1}}};
  for (const auto& [path, tile] : expected) {
    EXPECT_EQ(path_of(tile), path);
    const auto parsed = parse_tile_path(path);
    ASSERT_TRUE(parsed) << path;
    EXPECT_EQ(std::get<Tile>(*parsed), tile);
  }
  EXPECT_EQ(path_of(EntryBundle{0, 256}), "tile/entries/000");
  EXPECT_EQ(path_of(EntryBundle{1'234'067, 17}), "tile/entries/x001/x234/067.p/17");
  EXPECT_EQ(std::get<EntryBundle>(*parse_tile_path("tile/entries/x001/x234/067.p/17")),
            (EntryBundle{1'234'067, 17}));
}

TEST(TilePath, RefusesEverySpellingButOne) {
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "/tile/0/000",
                           "tile/0/000/",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/00/000",
                           "tile/01/000",
                           "tile/64/000",
                           "tile/-1/000",
                           "tile/+1/000",
                           "tile/0/x000/000",
                           "tile/0/x000/001",
                           "tile/0/001/000",
                           "tile/0/x001",
                           "tile/0/x001/x000",
                           "tile/0/x1/000",
                           "tile/0/x001000",
                           "tile/0/x001/000.p",
                           "tile/0/000.p/",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/1.p/1",
                           "tile/0/000.p/-1",
                           "tile/0/000.p/1/",
                           "tile/0/000 ",
                           "tile//000",
                           "tile/entries",
                           "tile/entries/",
                           "tile/entries/0",
                           "tile/entries/000.p/256",
                           "tile/entries/0/000",
                           "tile/data/000",
                           "tile/8/0/000",
                           "tile/0/x018/x446/x744/x073/x709/x551/616",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
                           "tile/99999999999999999999/000",
                           "tile/0/0a0",
                           "tile/0/%30%30%30",
                           "TILE/0/000",
                           "tile/0/000.P/1"}) {
    EXPECT_FALSE(parse_tile_path(path)) << path;
  }
}

TEST(TileWidth, IsThatOfTheSpecification) {
  EXPECT_EQ(tile_width(0, 0, 0), 0);
  EXPECT_EQ(tile_width(0, 0, 1), 1);
  EXPECT_EQ(tile_width(0, 0, 256), 256);
  EXPECT_EQ(tile_width(0, 1, 256), 0);
  EXPECT_EQ(tile_width(1, 0, 255), 0);
  EXPECT_EQ(tile_width(1, 0, 256), 1);
  EXPECT_EQ(tile_width(0, 272, 70'000), 256);
  EXPECT_EQ(tile_width(0, 273, 70'000), 112);
  EXPECT_EQ(tile_width(0, 274, 70'000), 0);
  EXPECT_EQ(tile_width(1, 0, 70'000), 256);
  EXPECT_EQ(tile_width(1, 1, 70'000), 17);
  EXPECT_EQ(tile_width(2, 0, 70'000), 1);
  EXPECT_EQ(tile_width(3, 0, 70'000), 0);
  EXPECT_EQ(tile_width(7, 0, kHuge), 255);
  EXPECT_EQ(tile_width(8, 0, kHuge), 0);
  EXPECT_EQ(tile_width(63, 0, kHuge), 0);
  EXPECT_EQ(tile_width(0, kHuge, kHuge), 0);
}

TEST(Tile, ExistsUpToItsWidth) {
  EXPECT_TRUE(exists(Tile{0, 273, 112}, 70'000));
  EXPECT_TRUE(exists(Tile{0, 273, 1}, 70'000));
  EXPECT_FALSE(exists(Tile{0, 273, 113}, 70'000));
  EXPECT_FALSE(exists(Tile{0, 273, 256}, 70'000));
  EXPECT_TRUE(exists(Tile{0, 272, 256}, 70'000));
  EXPECT_FALSE(exists(Tile{0, 0, 0}, 70'000));
  EXPECT_FALSE(exists(Tile{0, 0, 257}, 70'000));
  EXPECT_TRUE(exists(EntryBundle{273, 112}, 70'000));
  EXPECT_FALSE(exists(EntryBundle{273, 113}, 70'000));
}

TEST(TilesOfGrowth, AreThoseThatAreNewOrWider) {
  for (const std::uint64_t to :
       {0U, 1U, 255U, 256U, 257U, 600U, 65'535U, 65'536U, 65'537U, 70'000U}) {
    for (const std::uint64_t from : {0U, 1U, 255U, 256U, 257U, 512U, 65'535U, 65'536U}) {
      if (from > to) {
        continue;
      }
      std::vector<Tile> expected;
      for (unsigned level = 0; level < 4; ++level) {
        for (std::uint64_t index = 0; index < 300; ++index) {
          const unsigned width = tile_width(level, index, to);
          if (width > tile_width(level, index, from)) {
            expected.push_back({level, index, width});
          }
        }
      }
      EXPECT_EQ(tiles_of_growth(from, to), expected) << from << " to " << to;
    }
  }
}

// SHA-256 of whole files of the tree of 70,000 leaves "entry 0" ..., as the Tessera client and
// golang.org/x/mod sumdb/tlog read them.
TEST(Tile, HasTheBytesOfTheLargerTree) {
  MemoryTree tree(labelled_leaves(70'000));
  MemoryTiles tiles(tree);
  const std::map<std::string, std::string> expected = {
      {"tile/0/000", "b0f6ca2ff42508faf8c6bb4ea8bb9c74243b19d4174fdc4fd17bdad9099e605e"},
      {"tile/0/273.p/112", "e31da4e768fc0d0f1f1f0046a1c4b68d71326b04a07951a7d3dcefef0de9b8cd"},
      {"tile/1/000", "44f879be76da41edaf37c0d67303fbd25f2ea44be93285b320561fbaaaaabbfa"},
      {"tile/1/001.p/17", "5a8eb2fe63c90ddf7fd813d165c04fa79d6eca48534b61bd312fcd2d1cf0aef3"},
      {"tile/2/000.p/1", "7e27fb89709243536fe26030f273fc9f7a73443f5e7ec296b3053aa520623e76"}};
  for (const auto& [path, hash] : expected) {
    const Tile tile = std::get<Tile>(*parse_tile_path(path));
    const base::Bytes bytes = encode_tile(*tiles.read_tile(tile));
    EXPECT_EQ(digest(bytes), hash) << path;
    EXPECT_EQ(*decode_tile(bytes), *tiles.read_tile(tile));
  }
}

TEST(TileBuilder, GivesEveryTileOfTheTreeOnce) {
  const std::vector<Hash> leaves = labelled_leaves(66'000);
  for (const std::uint64_t size :
       {0UL, 1UL, 255UL, 256UL, 257UL, 600UL, 65'535UL, 65'536UL, 66'000UL}) {
    MemoryTree tree(std::vector<Hash>(leaves.begin(), leaves.begin() + static_cast<long>(size)));
    MemoryTiles tiles(tree);
    Frontier frontier;
    TileBuilder builder;
    std::map<std::string, int> seen;
    const auto compare = [&](const Tile& tile, std::span<const Hash> hashes) {
      ASSERT_TRUE(exists(tile, size)) << path_of(tile);
      ++seen[path_of(tile)];
      EXPECT_TRUE(std::ranges::equal(hashes, *tiles.read_tile(tile))) << path_of(tile);
    };
    std::vector<Node> added;
    for (std::uint64_t i = 0; i < size; ++i) {
      added.clear();
      frontier.append(leaves[i], added);
      builder.add(added, compare);
    }
    builder.finish(size, compare);

    std::size_t expected = 0;
    for (unsigned level = 0; size >> (kTileHeight * level) > 0; ++level) {
      expected += ((size >> (kTileHeight * level)) + kTileWidth - 1) / kTileWidth;
    }
    EXPECT_EQ(seen.size(), expected) << size;
    for (const auto& [path, times] : seen) {
      EXPECT_EQ(times, 1) << path;
    }
  }
}

TEST(EntryBundle, HasTheBytesOfTheLargerTree) {
  const auto bundle = [](std::size_t begin, std::size_t end) {
    base::Bytes bytes;
    for (std::size_t i = begin; i < end; ++i) {
      append_entry(bytes, "entry " + std::to_string(i));
    }
    return bytes;
  };
  const base::Bytes first = bundle(0, 256);
  const base::Bytes last = bundle(273 * 256, 70'000);

  EXPECT_EQ(first.size(), 2'706);
  EXPECT_EQ(digest(first), "c378282cb2167eb29f7e0c483ef2ce284728c12286469737cf8c3dc71e412ff1");
  EXPECT_EQ(last.size(), 1'456);
  EXPECT_EQ(digest(last), "2ae1ce51fa31c2573335899beb5220aff9cd57b708ff07f4a04327914567f883");
  EXPECT_EQ(base::hex_encode(first.substr(0, 9)), "0007656e7472792030");
  EXPECT_EQ(decode_bundle(last, 112)->back(), "entry 69999");
}

TEST(EntryBundle, RefusesOtherNumbersOfLeavesAndCutOnes) {
  base::Bytes bytes;
  append_entry(bytes, "one");
  append_entry(bytes, "");
  append_entry(bytes, std::string(kEntryBytesMax, 'x'));

  EXPECT_EQ(decode_bundle(bytes, 3)->size(), 3);
  EXPECT_FALSE(decode_bundle(bytes, 2));
  EXPECT_FALSE(decode_bundle(bytes, 4));
  EXPECT_FALSE(decode_bundle(bytes, 0));
  EXPECT_FALSE(decode_bundle("", 0));
  EXPECT_FALSE(decode_bundle(bytes, 257));
  EXPECT_FALSE(decode_bundle(base::ByteView(bytes).substr(0, bytes.size() - 1), 3));
  EXPECT_FALSE(decode_bundle("\x01", 1));
}

TEST(Tile, RefusesOtherLengths) {
  EXPECT_FALSE(decode_tile(""));
  EXPECT_FALSE(decode_tile(std::string(31, 'x')));
  EXPECT_FALSE(decode_tile(std::string(33, 'x')));
  EXPECT_FALSE(decode_tile(std::string(257 * 32, 'x')));
  EXPECT_EQ(decode_tile(std::string(256 * 32, 'x'))->size(), 256);
}

TEST(SubtreeHash, IsThatOfTheRfc) {
  const std::vector<Hash> leaves = labelled_leaves(256);
  for (std::size_t size = 1; size <= 256; size *= 2) {
    EXPECT_EQ(subtree_hash(Leaves(leaves).first(size)), naive_root(Leaves(leaves).first(size)));
  }
}

TEST(TiledHashReader, GivesTheNodesOfTheTree) {
  MemoryTree tree(labelled_leaves(1'000));
  MemoryTiles tiles(tree);
  TiledHashReader reader(1'000, tiles);
  for (const auto& [id, hash] : tree.nodes()) {
    ASSERT_EQ(*reader.read_hashes({&id, 1}), std::vector<Hash>{hash});
  }
}

TEST(TiledHashReader, GivesProofsAndReadsEachTileOnce) {
  const std::vector<Hash> leaves = labelled_leaves(70'000);
  MemoryTree tree(leaves);
  MemoryTiles tiles(tree);
  TiledHashReader reader(70'000, tiles);
  const Hash root = *tree_root(70'000, tree);
  for (const std::uint64_t index : {0U, 255U, 256U, 35'000U, 65'535U, 65'536U, 69'999U}) {
    const int before = tiles.calls;
    const auto proof = prove_inclusion(index, 70'000, reader);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(check_inclusion({index, 70'000, leaves[index], root, *proof}));
    EXPECT_LE(tiles.calls - before, 5);
  }
  EXPECT_EQ(*prove_consistency(600, 70'000, reader), *prove_consistency(600, 70'000, tree));
}

class BrokenTiles final : public TileReader {
 public:
  explicit BrokenTiles(bool fails) : fails_(fails) {}
  base::Result<std::vector<Hash>> read_tile(const Tile& tile) override {
    if (fails_) {
      return base::Error{.kind = base::ErrorKind::NotFound, .message = "gone"};
    }
    return std::vector<Hash>(tile.width - 1);
  }

 private:
  const bool fails_;
};

TEST(TiledHashReader, ReportsMissingTilesShortOnesAndNodesBeyondTheTree) {
  BrokenTiles fails(true);
  BrokenTiles shortens(false);
  TiledHashReader missing(10, fails);
  TiledHashReader cut(10, shortens);
  const NodeId beyond{3, 1};

  EXPECT_EQ(prove_inclusion(3, 10, missing).error().kind, base::ErrorKind::NotFound);
  EXPECT_EQ(prove_inclusion(3, 10, cut).error().kind, base::ErrorKind::Corruption);
  EXPECT_EQ(missing.read_hashes({&beyond, 1}).error().kind, base::ErrorKind::InvalidArgument);
}

}  // namespace
}  // namespace piperoll::tlog
