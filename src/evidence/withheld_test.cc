#include "evidence/withheld.h"

#include <gtest/gtest.h>

#include "evidence/signed_log_test_support.h"

namespace piperoll::evidence {
namespace {

base::Result<Withheld> read(const std::string& text) {
  base::JsonParser parser;
  const auto value = parser.parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  base::JsonValue member;
  EXPECT_TRUE(value->find(kWithheldMember, member));
  return read_withheld(member);
}

TEST(Withheld, GivesTheRootInBothForms) {
  SignedLog log(13);
  for (std::uint64_t begin = 0; begin < 13; ++begin) {
    for (std::uint64_t end = begin + 1; end <= 13; ++end) {
      const tlog::LeafRange range{begin, end};
      for (const auto& nodes : {leaf_nodes(range), tlog::nodes_across(range)}) {
        std::string line;
        append_withheld(line, {.range = range, .hashes = log.read_hashes(nodes).value()});
        const auto withheld = read(line);
        ASSERT_TRUE(withheld.has_value()) << line;
        EXPECT_EQ(withheld->range, range);

        tlog::Frontier tree;
        for (std::uint64_t i = 0; i < begin; ++i) {
          tree.append(log.leaf(i));
        }
        append_withheld(tree, *withheld);
        for (std::uint64_t i = end; i < 13; ++i) {
          tree.append(log.leaf(i));
        }
        EXPECT_EQ(tree.root(), log.frontier().root()) << line;
      }
    }
  }
}

TEST(Withheld, RefusesWhatIsNone) {
  const std::string hash = "\"" + tlog::print_hash(tlog::leaf_hash("a")) + "\"";
  const auto with = [](const std::string& content) {
    return read(R"({"piperoll_withheld":)" + content + "}").has_value();
  };
  EXPECT_TRUE(with(R"({"from":4,"to":5,"hashes":[)" + hash + "]}"));
  EXPECT_TRUE(with(R"({"from":4,"to":6,"hashes":[)" + hash + "]}"));  // a node
  EXPECT_TRUE(with(R"({"from":4,"to":6,"hashes":[)" + hash + "," + hash + "]}"));
  for (const std::string& bad :
       {std::string("[]"), std::string("{}"), std::string(R"({"from":4,"to":5})"),
        R"({"from":4,"to":5,"hashes":)" + hash + "}",
        R"({"from":5,"to":5,"hashes":[]})" + std::string(),
        R"({"from":5,"to":4,"hashes":[)" + hash + "]}",
        R"({"from":-1,"to":1,"hashes":[)" + hash + "]}",
        R"({"from":3,"to":5,"hashes":[)" + hash + "]}",
        R"({"from":4,"to":5,"hashes":[)" + hash + "," + hash + "]}",
        R"({"from":0,"to":9007199254740991,"hashes":[)" + hash + "]}",
        std::string(R"({"from":4,"to":5,"hashes":["AAAA"]})"),
        std::string(R"({"from":4,"to":5,"hashes":[7]})")}) {
    EXPECT_FALSE(with(bad)) << bad;
  }
}

}  // namespace
}  // namespace piperoll::evidence
