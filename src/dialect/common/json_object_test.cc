#include "dialect/common/json_object.h"

#include <gtest/gtest.h>

namespace piperoll::dialect {
namespace {

TEST(WithMembers, AddsWhatIsNotThere) {
  EXPECT_EQ(with_members(R"({"a":1})", {{"b", "x\"y"}, {"c", std::nullopt}}),
            R"({"a":1,"b":"x\"y"})");
  EXPECT_EQ(with_members("", {{"b", ""}, {"c", "z"}}), R"({"b":"","c":"z"})");
}

TEST(WithMembers, LetsWhatIsThereWin) {
  EXPECT_EQ(with_members(R"({"error":{"n":1}})", {{"error", "x"}}), R"({"error":{"n":1}})");
  EXPECT_EQ(with_members(R"({"in":{"error":1}})", {{"error", "x"}}),
            R"({"in":{"error":1},"error":"x"})");
}

TEST(WithMembers, IsEmptyWhereNothingIsShown) {
  EXPECT_EQ(with_members("", {{"a", std::nullopt}}), "");
  EXPECT_EQ(with_members("", {}), "");
}

}  // namespace
}  // namespace piperoll::dialect
