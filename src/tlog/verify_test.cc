// Proofs that must be refused: the mutations that the test data of transparency-dev/merkle is made
// of, here on every proof of every tree, and the forgeries that other verifiers once accepted.

#include "tlog/verify.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "tlog/proof.h"
#include "tlog/tree_test_support.h"

namespace piperoll::tlog {
namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();
const Hash kGarbage = leaf_hash("garbage");

bool accepts(std::uint64_t index, std::uint64_t size, const Hash& leaf, const Proof& proof,
             const Hash& root) {
  const auto checked = check_inclusion({index, size, leaf, root, proof});
  EXPECT_TRUE(checked || checked.error().code == "proof_invalid");
  return checked.has_value();
}

bool joins(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root,
           const Proof& proof) {
  const auto checked = check_consistency({from, to, from_root, to_root, proof});
  EXPECT_TRUE(checked || checked.error().code == "proof_invalid");
  return checked.has_value();
}

// Longer, shorter and shifted proofs.
std::vector<Proof> misshapen(const Proof& proof, std::span<const Hash> additions) {
  std::vector<Proof> made;
  for (const Hash& addition : additions) {
    made.push_back(proof);
    made.back().push_back(addition);
    made.push_back(proof);
    made.back().insert(made.back().begin(), addition);
  }
  if (!proof.empty()) {
    made.push_back({});
    made.emplace_back(proof.begin(), proof.end() - 1);
    made.emplace_back(proof.begin() + 1, proof.end());
    made.push_back(proof);
    made.back().push_back(proof.back());
    made.push_back(proof);
    made.back().insert(made.back().begin(), proof.front());
  }
  if (proof.size() > 1 && proof[0] != proof[1]) {
    made.push_back(proof);
    std::swap(made.back()[0], made.back()[1]);
  }
  return made;
}

TEST(CheckInclusion, RefusesAnotherIndexInTheSameTree) {
  const std::vector<Hash> leaves = labelled_leaves(100);
  MemoryTree tree(leaves);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const Hash root = *tree_root(size, tree);
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = *prove_inclusion(index, size, tree);
      for (std::uint64_t other = 0; other <= size + 1; ++other) {
        ASSERT_EQ(accepts(other, size, leaves[index], proof, root), other == index)
            << index << " as " << other << " of " << size;
      }
      ASSERT_FALSE(accepts(index + size, size, leaves[index], proof, root));
      ASSERT_FALSE(accepts(kHuge, size, leaves[index], proof, root));
      ASSERT_FALSE(accepts(index | std::uint64_t{1} << 63, size, leaves[index], proof, root));
    }
  }
}

TEST(CheckInclusion, RefusesAnotherSizeWithItsRoot) {
  const std::vector<Hash> leaves = labelled_leaves(50);
  MemoryTree tree(leaves);
  std::vector<Hash> roots;
  for (std::uint64_t size = 0; size <= leaves.size(); ++size) {
    roots.push_back(*tree_root(size, tree));
  }
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = *prove_inclusion(index, size, tree);
      for (std::uint64_t other = 0; other <= leaves.size(); ++other) {
        ASSERT_EQ(accepts(index, other, leaves[index], proof, roots[other]), other == size);
      }
    }
  }
}

// A root alone does not tell the size: where the turns of the path are the same, the same proof is
// good for both. It is the checkpoint that signs size and root together.
TEST(CheckInclusion, RefusesAnotherSizeWhereverThePathTurnsOtherwise) {
  const std::vector<Hash> leaves = labelled_leaves(40);
  MemoryTree tree(leaves);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const Hash root = *tree_root(size, tree);
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = *prove_inclusion(index, size, tree);
      for (std::uint64_t other = 0; other <= 70; ++other) {
        const bool same = index < other && naive_turns(index, other) == naive_turns(index, size);
        ASSERT_EQ(accepts(index, other, leaves[index], proof, root), same);
      }
    }
  }
}

TEST(CheckInclusion, RefusesSizeZeroAndPowersOfTwoPlusMinusOne) {
  const std::vector<Hash> leaves = labelled_leaves(130);
  MemoryTree tree(leaves);
  EXPECT_FALSE(accepts(0, 0, leaves[0], {}, leaves[0]));
  EXPECT_FALSE(accepts(0, 0, leaves[0], {}, empty_root()));
  EXPECT_FALSE(accepts(0, 0, empty_root(), {}, empty_root()));
  EXPECT_FALSE(accepts(kHuge, 0, leaves[0], {}, leaves[0]));
  EXPECT_FALSE(accepts(kHuge, kHuge, leaves[0], {}, leaves[0]));
  for (std::uint64_t power = 4; power <= 128; power *= 2) {
    const Hash root = *tree_root(power, tree);
    const Proof proof = *prove_inclusion(power - 1, power, tree);
    EXPECT_TRUE(accepts(power - 1, power, leaves[power - 1], proof, root));
    EXPECT_FALSE(accepts(power - 1, power - 1, leaves[power - 1], proof, root));
    EXPECT_FALSE(accepts(power - 1, power + 1, leaves[power - 1], proof, root));
    EXPECT_FALSE(accepts(power - 2, power - 1, leaves[power - 1], proof, root));
    EXPECT_FALSE(accepts(power, power + 1, leaves[power - 1], proof, root));
  }
}

TEST(CheckInclusion, RefusesMisshapenProofsAndOtherRoots) {
  const std::vector<Hash> leaves = labelled_leaves(100);
  MemoryTree tree(leaves);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const Hash root = *tree_root(size, tree);
    for (std::uint64_t index = 0; index < size; ++index) {
      const Hash& leaf = leaves[index];
      const Proof proof = *prove_inclusion(index, size, tree);
      const Hash additions[] = {kGarbage, root, leaf, Hash{}, empty_root()};
      for (const Proof& other : misshapen(proof, additions)) {
        ASSERT_FALSE(accepts(index, size, leaf, other, root)) << index << " of " << size;
      }
      ASSERT_FALSE(accepts(index, size, leaf, proof, kGarbage));
      ASSERT_FALSE(accepts(index, size, leaf, proof, empty_root()));
      ASSERT_FALSE(accepts(index, size, leaf, proof, Hash{}));
      ASSERT_FALSE(accepts(index, size, kGarbage, proof, root));
    }
  }
}

TEST(CheckInclusion, RefusesANodePosingAsALeaf) {
  const std::vector<Hash> leaves = labelled_leaves(64);
  MemoryTree tree(leaves);
  const Hash root = *tree_root(64, tree);
  for (std::uint64_t index = 0; index < 64; index += 2) {
    // The inner node over two leaves, with the upper part of their proof, under every index.
    const Proof proof = *prove_inclusion(index, 64, tree);
    const Hash inner = node_hash(leaves[index], leaves[index + 1]);
    const Proof upper(proof.begin() + 1, proof.end());
    std::string preimage(as_bytes(leaves[index]));
    preimage.append(as_bytes(leaves[index + 1]));
    for (std::uint64_t as = 0; as < 64; ++as) {
      // In the tree of 64 a leaf is six steps deep: five are refused.
      ASSERT_FALSE(accepts(as, 64, inner, upper, root));
      // In a smaller tree the path fits; but no leaf has the hash of an inner node.
      ASSERT_FALSE(accepts(as / 2, 32, leaf_hash(preimage), upper, root));
      ASSERT_FALSE(accepts(as / 2, 32, leaf_hash('\x01' + preimage), upper, root));
    }
  }
}

// A chain of hashes in place of a tree: each element hides the whole rest. It leads to its root in
// as many steps as it likes, and must be refused for every index of a tree of its length.
TEST(CheckInclusion, RefusesAChainPosingAsATree) {
  const std::vector<Hash> leaves = labelled_leaves(24);
  for (std::size_t size = 4; size <= leaves.size(); ++size) {
    std::vector<Hash> rests(size);  // rests[i]: of everything from i on
    rests[size - 1] = leaves[size - 1];
    for (std::size_t i = size - 1; i-- > 0;) {
      rests[i] = node_hash(leaves[i], rests[i + 1]);
    }
    for (std::size_t index = 1; index + 1 < size; ++index) {
      Proof chain = {rests[index + 1]};
      for (std::size_t i = index; i-- > 0;) {
        chain.push_back(leaves[i]);
      }
      const std::string turns = "r" + std::string(index, 'l');
      for (std::size_t as = 0; as < size; ++as) {
        ASSERT_EQ(accepts(as, size, leaves[index], chain, rests[0]),
                  naive_turns(as, size) == turns);
        if (as == index && index > 2) {
          ASSERT_FALSE(accepts(as, size, leaves[index], chain, rests[0]));
        }
      }
    }
  }
}

TEST(CheckConsistency, RefusesOtherSizesWithTheirRoots) {
  MemoryTree tree(labelled_leaves(33));
  std::vector<Hash> roots;
  for (std::uint64_t size = 0; size <= 33; ++size) {
    roots.push_back(*tree_root(size, tree));
  }
  for (std::uint64_t to = 1; to <= 33; ++to) {
    for (std::uint64_t from = 1; from < to; ++from) {
      const Proof proof = *prove_consistency(from, to, tree);
      for (std::uint64_t other = 0; other <= 33; ++other) {
        ASSERT_EQ(joins(other, to, roots[other], roots[to], proof), other == from);
        ASSERT_EQ(joins(from, other, roots[from], roots[other], proof), other == to);
      }
    }
  }
}

TEST(CheckConsistency, RefusesMisshapenProofsAndOtherRoots) {
  MemoryTree tree(labelled_leaves(70));
  for (std::uint64_t to = 1; to <= 70; ++to) {
    const Hash to_root = *tree_root(to, tree);
    for (std::uint64_t from = 1; from <= to; ++from) {
      const Hash from_root = *tree_root(from, tree);
      const Proof proof = *prove_consistency(from, to, tree);
      const Hash additions[] = {kGarbage, from_root, to_root, Hash{}, empty_root()};
      for (const Proof& other : misshapen(proof, additions)) {
        ASSERT_FALSE(joins(from, to, from_root, to_root, other)) << from << " to " << to;
      }
      ASSERT_EQ(joins(from, to, to_root, from_root, proof), from == to);  // swapped
      ASSERT_FALSE(joins(from, to, from_root, kGarbage, proof));
      ASSERT_FALSE(joins(from, to, kGarbage, to_root, proof));
      ASSERT_FALSE(joins(from, to, empty_root(), to_root, proof));
      ASSERT_FALSE(joins(0, to, from_root, to_root, proof));
      ASSERT_FALSE(joins(to + 1, to, from_root, to_root, proof));
    }
  }
}

TEST(CheckConsistency, KnowsTheEmptyTree) {
  MemoryTree tree(labelled_leaves(5));
  const Hash root = *tree_root(5, tree);
  EXPECT_TRUE(joins(0, 0, empty_root(), empty_root(), {}));
  EXPECT_TRUE(joins(0, 5, empty_root(), root, {}));
  EXPECT_FALSE(joins(0, 5, root, root, {}));
  EXPECT_FALSE(joins(0, 5, Hash{}, root, {}));
  EXPECT_FALSE(joins(0, 0, empty_root(), root, {}));
  EXPECT_FALSE(joins(0, 0, root, root, {}));
  EXPECT_FALSE(joins(0, 5, empty_root(), root, {root}));
  EXPECT_FALSE(joins(5, 0, root, empty_root(), {}));
  EXPECT_FALSE(joins(5, 5, root, kGarbage, {}));
  EXPECT_TRUE(joins(5, 5, root, root, {}));
  EXPECT_FALSE(joins(kHuge, 5, root, root, {}));
  EXPECT_FALSE(joins(1, kHuge, root, root, {root}));
}

// A log that once showed another middle: sizes a and c are of the honest tree, b is of one that
// agrees with a but has one leaf changed in [a, b). However the hashes of both trees are mixed, no
// proof joins b with c.
TEST(CheckConsistency, RefusesAForkedMiddleHoweverTheHashesAreMixed) {
  constexpr std::uint64_t kTo = 23;
  const std::vector<Hash> honest = labelled_leaves(kTo);
  MemoryTree honest_tree(honest);
  for (std::uint64_t middle = 1; middle < kTo; ++middle) {
    std::vector<Hash> forked = honest;
    forked[middle - 1] = leaf_hash("another");
    MemoryTree forked_tree(forked);
    const Proof good = *prove_consistency(middle, kTo, honest_tree);
    const Proof bad = *prove_consistency(middle, kTo, forked_tree);
    const Hash forked_root = *tree_root(middle, forked_tree);
    const Hash to_root = *tree_root(kTo, honest_tree);
    ASSERT_TRUE(joins(middle - 1, middle, *tree_root(middle - 1, honest_tree), forked_root,
                      *prove_consistency(middle - 1, middle, forked_tree)));
    for (std::uint64_t choice = 0; choice < std::uint64_t{1} << good.size(); ++choice) {
      Proof mixed = good;
      for (std::size_t i = 0; i < mixed.size(); ++i) {
        mixed[i] = (choice >> i & 1) == 0 ? good[i] : bad[i];
      }
      ASSERT_FALSE(joins(middle, kTo, forked_root, to_root, mixed)) << middle;
    }
  }
}

TEST(RootOfInclusion, IsWhereTheProofLeads) {
  const std::vector<Hash> leaves = labelled_leaves(21);
  MemoryTree tree(leaves);
  for (std::uint64_t index = 0; index < 21; ++index) {
    const Proof proof = *prove_inclusion(index, 21, tree);
    EXPECT_EQ(*root_of_inclusion({index, 21, leaves[index], {}, proof}), *tree_root(21, tree));
  }
}

}  // namespace
}  // namespace piperoll::tlog
