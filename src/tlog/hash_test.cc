#include "tlog/hash.h"

#include <gtest/gtest.h>

#include "tlog/tree_test_support.h"

namespace piperoll::tlog {
namespace {

// RFC 6962 section 2.1; the two single hashes are those of transparency-dev/merkle's tests.
TEST(TreeHash, GivesThePublishedHashes) {
  EXPECT_EQ(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(leaf_hash("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(hex(leaf_hash("L123456")),
            "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  EXPECT_EQ(hex(crypto::sha256(std::string("\x01", 1) + "N123" + "N456")),
            "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
}

TEST(TreeHash, OfANodeIsThatOfPrefixLeftAndRight) {
  const Hash left = leaf_hash("left");
  const Hash right = leaf_hash("right");
  std::string preimage(1, '\x01');
  preimage.append(as_bytes(left)).append(as_bytes(right));

  EXPECT_EQ(node_hash(left, right), crypto::sha256(preimage));
  EXPECT_NE(node_hash(left, right), node_hash(right, left));
}

TEST(TreeHash, ALeafCannotPoseAsANode) {
  const Hash left = leaf_hash("left");
  const Hash right = leaf_hash("right");
  std::string inside(as_bytes(left));
  inside.append(as_bytes(right));

  EXPECT_NE(leaf_hash(inside), node_hash(left, right));
  EXPECT_NE(leaf_hash('\x01' + inside), node_hash(left, right));
  EXPECT_NE(leaf_hash(""), empty_root());
}

TEST(TreeHash, IsReadAsItIsPrinted) {
  const Hash hash = leaf_hash("x");
  EXPECT_EQ(parse_hash(print_hash(hash)), hash);
  EXPECT_EQ(hash_from_bytes(as_bytes(hash)), hash);
  EXPECT_EQ(print_hash(empty_root()), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(TreeHash, RefusesOtherTexts) {
  const std::string good = print_hash(leaf_hash("x"));
  EXPECT_FALSE(parse_hash(""));
  EXPECT_FALSE(parse_hash(good.substr(1)));
  EXPECT_FALSE(parse_hash(good + "="));
  EXPECT_FALSE(parse_hash(good.substr(0, 43)));
  EXPECT_FALSE(parse_hash(std::string(44, '*')));
  EXPECT_FALSE(parse_hash(std::string(44, 'A')));  // 33 bytes
  EXPECT_FALSE(hash_from_bytes(std::string(31, 'x')));
  EXPECT_FALSE(hash_from_bytes(std::string(33, 'x')));
}

}  // namespace
}  // namespace piperoll::tlog
