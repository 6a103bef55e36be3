#include "tlog/tree_math.h"

#include <limits>

#include <gtest/gtest.h>

#include "tlog/tree_test_support.h"

namespace piperoll::tlog {
namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

TEST(TreeMath, SplitPointIsStrictlyLessThanTheSize) {
  EXPECT_EQ(split_point(2), 1);
  EXPECT_EQ(split_point(3), 2);
  EXPECT_EQ(split_point(8), 4);
  EXPECT_EQ(split_point(9), 8);
  EXPECT_EQ(split_point(kHuge), std::uint64_t{1} << 63);
  for (std::size_t size = 2; size < 2000; ++size) {
    EXPECT_EQ(split_point(size), naive_split(size));
  }
}

TEST(TreeMath, CompleteNodesAreThoseOfAGrowingTree) {
  for (std::size_t size = 0; size <= 200; ++size) {
    const MemoryTree tree(labelled_leaves(size));

    EXPECT_EQ(node_count(size), tree.nodes().size());
    for (unsigned level = 0; level < 10; ++level) {
      for (std::uint64_t index = 0; index <= size; ++index) {
        const NodeId node{level, index};
        EXPECT_EQ(is_complete(node, size), tree.nodes().contains(node));
      }
    }
  }
  EXPECT_FALSE(is_complete({64, 0}, kHuge));
  EXPECT_FALSE(is_complete({63, 1}, kHuge));
  EXPECT_TRUE(is_complete({63, 0}, kHuge));
}

TEST(TreeMath, InclusionProofLengthIsThatOfTheRfc) {
  for (std::size_t size = 1; size <= 300; ++size) {
    for (std::size_t index = 0; index < size; ++index) {
      ASSERT_EQ(inclusion_proof_length(index, size), naive_turns(index, size).size());
    }
  }
}

TEST(TreeMath, InclusionProofLengthOfALargerTree) {
  for (const std::uint64_t index : {0U, 7U, 255U, 256U, 35'000U}) {
    EXPECT_EQ(inclusion_proof_length(index, 70'000), 17);
  }
  EXPECT_EQ(inclusion_proof_length(69'999, 70'000), 9);
  EXPECT_EQ(inclusion_proof_length(0, kHuge), 64);
  EXPECT_EQ(inclusion_proof_length(kHuge - 1, kHuge), 63);
}

TEST(TreeMath, ProofsOfTheLargestTreesAreFoundToo) {
  for (const std::uint64_t size : {kHuge, kHuge - 1, (std::uint64_t{1} << 63) + 1}) {
    for (const std::uint64_t index : {std::uint64_t{0}, size / 2, size - 1}) {
      EXPECT_EQ(inclusion_proof_ranges(index, size).size(), inclusion_proof_length(index, size));
    }
    EXPECT_LE(consistency_proof_ranges(size - 1, size).size(), 65);
  }
}

TEST(TreeMath, NodesOfARangeSpanItWithoutGap) {
  for (std::uint64_t size = 0; size <= 300; ++size) {
    std::uint64_t at = 0;
    for (const NodeId& node : nodes_of({0, size})) {
      EXPECT_EQ(node.index << node.level, at);
      EXPECT_TRUE(is_complete(node, size));
      at += std::uint64_t{1} << node.level;
    }
    EXPECT_EQ(at, size);
  }
}

}  // namespace
}  // namespace piperoll::tlog
