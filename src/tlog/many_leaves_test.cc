#include "tlog/many_leaves.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tlog/tree_test_support.h"

namespace piperoll::tlog {
namespace {

TEST(ManyLeaves, HaveTheParentsThatOneByOneHas) {
  for (std::size_t count = 0; count <= 150; ++count) {
    const std::vector<Hash> children = labelled_leaves(2 * count);
    std::vector<Hash> parents(count);

    node_hashes(children, parents);

    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(parents[i], node_hash(children[2 * i], children[2 * i + 1]))
          << i << " of " << count;
    }
  }
}

// From every size to every larger one.
TEST(ManyLeaves, GrowATreeAsOneAfterTheOther) {
  const std::vector<Hash> leaves = labelled_leaves(140);
  Frontier before;
  for (std::size_t size = 0; size < 70; ++size) {
    Frontier one_by_one = before;
    std::vector<Node> expected;
    for (std::size_t count = 0; count < 70; ++count) {
      Frontier together = before;
      std::vector<Node> added;
      append_all(together, Leaves(leaves).subspan(size, count), added);

      ASSERT_EQ(together, one_by_one) << size << " and " << count;
      std::stable_sort(expected.begin(), expected.end(), [](const Node& a, const Node& b) {
        return a.id.level != b.id.level ? a.id.level < b.id.level : a.id.index < b.id.index;
      });
      ASSERT_EQ(added, expected) << size << " and " << count;
      one_by_one.append(leaves[size + count], expected);
    }
    before.append(leaves[size]);
  }
}

// Computed with golang.org/x/mod sumdb/tlog, as in frontier_test.cc.
TEST(ManyLeaves, HaveTheRootOfALargerTreeInOneGo) {
  Frontier frontier;
  std::vector<Node> added;

  append_all(frontier, labelled_leaves(70'000), added);

  EXPECT_EQ(hex(frontier.root()),
            "a3920fba7f239a071a9bd10721f1341addefbaededb41c7e24437a9d16bdf00a");
}

}  // namespace
}  // namespace piperoll::tlog
