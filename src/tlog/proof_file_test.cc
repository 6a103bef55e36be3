#include "tlog/proof_file.h"

#include <gtest/gtest.h>

#include "tlog/tree_test_support.h"

namespace piperoll::tlog {
namespace {

ProofFile sample(std::size_t hashes) {
  return {.extra = std::nullopt,
          .index = 7,
          .inclusion = labelled_leaves(hashes),
          .checkpoint = "o\n8\nroot\n\nsignature\n"};
}

TEST(ProofFile, IsLines) {
  ProofFile proof = sample(1);
  proof.extra = "extra";
  EXPECT_EQ(print_proof_file(proof), "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 7\n" +
                                         print_hash(proof.inclusion[0]) +
                                         "\n\no\n8\nroot\n\nsignature\n");
}

TEST(ProofFile, IsReadAsItIsPrinted) {
  for (const std::size_t hashes : {0U, 1U, 17U, 63U}) {
    ProofFile proof = sample(hashes);
    EXPECT_EQ(parse_proof_file(print_proof_file(proof)).value(), proof);
    proof.extra = std::string("\0\n\xff", 3);
    EXPECT_EQ(parse_proof_file(print_proof_file(proof)).value(), proof);
    proof.extra = "";
    EXPECT_EQ(parse_proof_file(print_proof_file(proof)).value(), proof);
  }
}

TEST(ProofFile, RefusesOtherTexts) {
  const std::string hash = print_hash(leaf_hash("x")) + "\n";
  const std::string head = "c2sp.org/tlog-proof@v1\n";
  const std::string tail = "\no\n8\nroot\n";
  EXPECT_TRUE(parse_proof_file(head + "index 7\n" + hash + tail));
  for (const std::string& text :
       {std::string(), head, head + "index 7\n", head + "index 7\n" + hash, head + "index 7\n\n",
        "c2sp.org/tlog-proof@v2\nindex 7\n" + tail, head + hash + tail, head + "index 07\n" + tail,
        head + "index -7\n" + tail, head + "index\n" + tail, head + "extra *\nindex 7\n" + tail,
        head + "index 7\nextra ZXh0cmE=\n" + tail,
        head + "extra ZXh0cmE=\nextra ZXh0cmE=\nindex 7\n" + tail,
        head + "index 7\n" + hash.substr(1) + tail, "\n" + head + "index 7\n" + tail,
        print_proof_file(sample(64))}) {
    EXPECT_FALSE(parse_proof_file(text)) << text;
  }
}

}  // namespace
}  // namespace piperoll::tlog
