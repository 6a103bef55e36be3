#include "tlog/frontier.h"

#include <map>

#include <gtest/gtest.h>

#include "tlog/proof.h"
#include "tlog/tree_test_support.h"

namespace piperoll::tlog {
namespace {

TEST(Frontier, HasTheRootsOfTheCtRepositories) {
  const char* expected[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Frontier frontier;
  EXPECT_EQ(frontier.root(), empty_root());

  for (std::size_t i = 0; i < 8; ++i) {
    frontier.append(ct_leaf_hashes()[i]);
    EXPECT_EQ(hex(frontier.root()), expected[i]) << i;
  }
}

// Computed with golang.org/x/mod sumdb/tlog; confirmed by the Tessera client and
// transparency-dev/merkle.
TEST(Frontier, HasTheRootsOfALargerTree) {
  const std::map<std::uint64_t, std::string> expected = {
      {1, "773885a613489e24ce2cf76199d6a423f042e4bbf12d7eecee912ef276c65701"},
      {255, "cf66793e6329dff242eb3cee0a6f36ad3e3a196dcc573a1ec775e102be863f1c"},
      {256, "da6596d95369f5fef322ab8e4e0da3b0b50236aa9c8a3b1d246f7411c9e2e32e"},
      {257, "5c1fdfe835358022f2392de478dbe053fc130cfe1d3a082879a90cf6bf14bf7e"},
      {600, "e8a804af596789ed4f53942e294cfe44d5bed4c7140c7f0f5fa52c0c122232d6"},
      {65'536, "07b1a377960a4e12e3348d6e9329ae6316a95b02fb1c22e909231b3aa44861a7"},
      {65'537, "b99c570aaf13b96e026383e8e252e69c7142b3ad7e6e0264f3dc10dfd884d8c5"},
      {70'000, "a3920fba7f239a071a9bd10721f1341addefbaededb41c7e24437a9d16bdf00a"}};
  Frontier frontier;

  for (const Hash& leaf : labelled_leaves(70'000)) {
    frontier.append(leaf);
    if (const auto found = expected.find(frontier.size()); found != expected.end()) {
      EXPECT_EQ(hex(frontier.root()), found->second) << frontier.size();
    }
  }
}

TEST(Frontier, AppendGivesEveryCompleteNodeOnceAndTheRootsOfTheRfc) {
  const std::vector<Hash> leaves = labelled_leaves(300);
  MemoryTree tree({});
  std::map<NodeId, Hash> seen;
  Frontier frontier;

  for (std::size_t i = 0; i < leaves.size(); ++i) {
    std::vector<Node> added;
    frontier.append(leaves[i], added);
    tree.add(leaves[i]);

    ASSERT_EQ(added.front().id, (NodeId{0, i}));
    for (const Node& node : added) {
      EXPECT_TRUE(seen.emplace(node.id, node.hash).second);
    }
    ASSERT_EQ(seen, tree.nodes());
    ASSERT_EQ(frontier.root(), naive_root(Leaves(leaves).first(i + 1)));
  }
}

TEST(Frontier, GoesOnFromItsEdge) {
  const std::vector<Hash> leaves = labelled_leaves(70);
  for (std::size_t size = 0; size < leaves.size(); ++size) {
    Frontier frontier;
    for (std::size_t i = 0; i < size; ++i) {
      frontier.append(leaves[i]);
    }
    const std::vector<Hash> edge(frontier.edge().begin(), frontier.edge().end());

    auto restored = Frontier::restore(size, edge);

    ASSERT_TRUE(restored);
    EXPECT_EQ(*restored, frontier);
    frontier.append(leaves[size]);
    restored->append(leaves[size]);
    EXPECT_EQ(restored->root(), frontier.root());
    EXPECT_FALSE(Frontier::restore(size + 1, edge) && Frontier::restore(size + 2, edge) &&
                 Frontier::restore(size + 3, edge));
  }
  EXPECT_FALSE(Frontier::restore(3, std::vector<Hash>(1)));
  EXPECT_FALSE(Frontier::restore(0, std::vector<Hash>(1)));
}

TEST(Frontier, TakesNodesInPlaceOfTheirLeaves) {
  constexpr std::uint64_t kSize = 70;
  const std::vector<Hash> leaves = labelled_leaves(kSize);
  MemoryTree tree(leaves);
  const Hash root = *tree_root(kSize, tree);
  for (std::uint64_t begin = 0; begin <= kSize; ++begin) {
    for (std::uint64_t end = begin; end <= kSize; ++end) {
      const std::vector<NodeId> across = nodes_across({begin, end});
      ASSERT_LE(across.size(), 12U);
      const std::vector<Hash> hashes = *tree.read_hashes(across);
      Frontier frontier;
      for (std::uint64_t i = 0; i < begin; ++i) {
        frontier.append(leaves[i]);
      }
      for (std::size_t i = 0; i < across.size(); ++i) {
        ASSERT_EQ(across[i].index << across[i].level, frontier.size());
        frontier.append_node(across[i].level, hashes[i]);
      }
      ASSERT_EQ(frontier.size(), end);
      for (std::uint64_t i = end; i < kSize; ++i) {
        frontier.append(leaves[i]);
      }
      ASSERT_EQ(frontier.root(), root) << begin << " to " << end;
    }
  }
}

}  // namespace
}  // namespace piperoll::tlog
