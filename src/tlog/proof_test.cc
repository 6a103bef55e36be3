#include "tlog/proof.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "tlog/tree_test_support.h"
#include "tlog/verify.h"

namespace piperoll::tlog {
namespace {

constexpr std::size_t kSizeMax = 200;
// All 256 bits of each hash up to this size; beyond it four of them, others from proof to proof.
// PIPEROLL_EXHAUSTIVE in the environment: all of them everywhere (a few minutes).
constexpr std::size_t kAllBitsSizeMax = 16;

bool all_bits(std::size_t size) {
  static const bool kEverywhere = std::getenv("PIPEROLL_EXHAUSTIVE") != nullptr;
  return kEverywhere || size <= kAllBitsSizeMax;
}

// Runs check with each of some or all bits of the hash flipped, and puts the hash back.
template <class Check>
void with_flipped_bits(Hash& hash, std::size_t size, std::size_t salt, Check check) {
  const std::size_t step = all_bits(size) ? 1 : 64;
  for (std::size_t bit = all_bits(size) ? 0 : salt % step; bit < 256; bit += step) {
    hash[bit / 8] = static_cast<std::uint8_t>(hash[bit / 8] ^ (1U << (bit % 8)));
    check();
    hash[bit / 8] = static_cast<std::uint8_t>(hash[bit / 8] ^ (1U << (bit % 8)));
  }
}

std::string heads(const Proof& proof) {
  std::string text;
  for (const Hash& hash : proof) {
    text += (text.empty() ? "" : " ") + hex(hash).substr(0, 8);
  }
  return text;
}

std::string joined(const Proof& proof) {
  std::string bytes;
  for (const Hash& hash : proof) {
    bytes.append(as_bytes(hash));
  }
  return bytes;
}

TEST(InclusionProof, IsThatOfTheCtRepositories) {
  const char* expected[] = {"96a296d2 5f083f0a 6b47aaf2", "6e340b9c 5f083f0a 6b47aaf2",
                            "07506a85 fac54203 6b47aaf2", "0298d122 fac54203 6b47aaf2",
                            "4271a26b ca854ea1 d37ee418", "bc1a0643 ca854ea1 d37ee418",
                            "46f6ffad 0ebc5d34 d37ee418", "b08693ec 0ebc5d34 d37ee418"};
  MemoryTree tree(ct_leaf_hashes());

  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(heads(*prove_inclusion(i, 8, tree)), expected[i]);
  }
}

TEST(ConsistencyProof, IsThatOfTheCtRepositories) {
  MemoryTree tree(ct_leaf_hashes());
  const auto proof = [&](std::uint64_t from, std::uint64_t to) {
    return heads(*prove_consistency(from, to, tree));
  };

  EXPECT_EQ(proof(1, 8), "96a296d2 5f083f0a 6b47aaf2");
  EXPECT_EQ(proof(2, 5), "5f083f0a bc1a0643");
  EXPECT_EQ(proof(3, 7), "0298d122 07506a85 fac54203 837dbb15");
  EXPECT_EQ(proof(4, 8), "6b47aaf2");
  EXPECT_EQ(proof(6, 7), "0ebc5d34 b08693ec d37ee418");
  EXPECT_EQ(proof(6, 8), "0ebc5d34 ca854ea1 d37ee418");
  EXPECT_EQ(proof(7, 8), "b08693ec 46f6ffad 0ebc5d34 d37ee418");
  EXPECT_EQ(proof(8, 8), "");
  EXPECT_EQ(proof(0, 8), "");
}

// Digests over all proofs of the trees of 1 to 8 leaves, computed with golang.org/x/mod sumdb/tlog.
TEST(Proofs, AreAllThoseOfTheGoImplementation) {
  MemoryTree tree(ct_leaf_hashes());
  std::string inclusion, consistency;
  for (std::uint64_t size = 1; size <= 8; ++size) {
    for (std::uint64_t i = 0; i < size; ++i) {
      inclusion += joined(*prove_inclusion(i, size, tree));
      consistency += joined(*prove_consistency(i + 1, size, tree));
    }
  }

  EXPECT_EQ(inclusion.size(), 88 * kHashBytes);
  EXPECT_EQ(hex(crypto::sha256(inclusion)),
            "9db592d71b0fcd6fc27acf630e1d2b45b00c0ccf50dc5d043a98a4229ed04028");
  EXPECT_EQ(consistency.size(), 71 * kHashBytes);
  EXPECT_EQ(hex(crypto::sha256(consistency)),
            "5e31f6c5aa9b4dc9531788e5dd4d5f966a0545bef9b4c6d80877e7fade00d249");
}

TEST(InclusionProof, OfEveryLeafOfEveryTreeVerifiesAndNoChangedBitDoes) {
  const std::vector<Hash> leaves = labelled_leaves(kSizeMax);
  MemoryTree tree(leaves);
  for (std::size_t size = 1; size <= kSizeMax; ++size) {
    Hash root = *tree_root(size, tree);
    ASSERT_EQ(root, naive_root(Leaves(leaves).first(size)));
    for (std::size_t index = 0; index < size; ++index) {
      Proof proof = *prove_inclusion(index, size, tree);
      ASSERT_EQ(proof, naive_path(index, Leaves(leaves).first(size)));
      InclusionClaim claim{index, size, leaves[index], root, proof};
      ASSERT_TRUE(check_inclusion(claim));

      const auto refused = [&] { ASSERT_FALSE(check_inclusion(claim)) << index << " of " << size; };
      for (Hash& hash : proof) {
        with_flipped_bits(hash, size, size + index, refused);
      }
      with_flipped_bits(claim.leaf, size, size + index, refused);
      with_flipped_bits(claim.root, size, size + index, refused);
    }
  }
}

TEST(ConsistencyProof, OfEveryPairOfSizesVerifiesAndNoChangedBitDoes) {
  const std::vector<Hash> leaves = labelled_leaves(kSizeMax);
  MemoryTree tree(leaves);
  for (std::size_t to = 1; to <= kSizeMax; ++to) {
    const Hash to_root = *tree_root(to, tree);
    for (std::size_t from = 1; from <= to; ++from) {
      Proof proof = *prove_consistency(from, to, tree);
      ASSERT_EQ(proof, naive_subproof(from, Leaves(leaves).first(to), true));
      ConsistencyClaim claim{from, to, *tree_root(from, tree), to_root, proof};
      ASSERT_TRUE(check_consistency(claim)) << from << " to " << to;

      const auto refused = [&] { ASSERT_FALSE(check_consistency(claim)) << from << " to " << to; };
      for (Hash& hash : proof) {
        with_flipped_bits(hash, to, from + to, refused);
      }
      with_flipped_bits(claim.from_root, to, from + to, refused);
      with_flipped_bits(claim.to_root, to, from + to, refused);
    }
  }
}

TEST(InclusionProof, ReadsOnceAndOnlyCompleteNodes) {
  MemoryTree tree(labelled_leaves(kSizeMax));
  for (std::uint64_t index = 0; index < 100; ++index) {
    const int before = tree.calls();
    ASSERT_TRUE(prove_inclusion(index, 100, tree));  // the reader ends the test on any other node
    EXPECT_EQ(tree.calls(), before + 1);
  }
}

TEST(Proofs, OfWhatIsBeyondTheTreeAreRefused) {
  MemoryTree tree(labelled_leaves(8));
  EXPECT_FALSE(prove_inclusion(8, 8, tree));
  EXPECT_FALSE(prove_inclusion(0, 0, tree));
  EXPECT_FALSE(prove_consistency(8, 7, tree));
  EXPECT_TRUE(prove_consistency(0, 0, tree));
  EXPECT_EQ(*tree_root(0, tree), empty_root());
  EXPECT_EQ(prove_inclusion(8, 8, tree).error().kind, base::ErrorKind::InvalidArgument);
}

class BrokenReader final : public HashReader {
 public:
  explicit BrokenReader(bool fails) : fails_(fails) {}
  base::Result<std::vector<Hash>> read_hashes(std::span<const NodeId> nodes) override {
    if (fails_) {
      return base::Error{.kind = base::ErrorKind::Unavailable, .message = "gone"};
    }
    return std::vector<Hash>(nodes.size() + 1);
  }

 private:
  const bool fails_;
};

TEST(Proofs, ReportAReaderThatFailsOrAnswersWrongly) {
  BrokenReader fails(true);
  BrokenReader babbles(false);
  EXPECT_EQ(prove_inclusion(3, 8, fails).error().kind, base::ErrorKind::Unavailable);
  EXPECT_EQ(prove_consistency(3, 8, fails).error().kind, base::ErrorKind::Unavailable);
  EXPECT_EQ(tree_root(8, fails).error().kind, base::ErrorKind::Unavailable);
  EXPECT_EQ(prove_inclusion(3, 8, babbles).error().kind, base::ErrorKind::Corruption);
}

TEST(ConsistencyProof, OfALargerTreeHasFifteenHashes) {
  MemoryTree tree(labelled_leaves(70'000));
  EXPECT_EQ(prove_consistency(600, 70'000, tree)->size(), 15);
}

}  // namespace
}  // namespace piperoll::tlog
