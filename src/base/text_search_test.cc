#include "base/text_search.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::base {
namespace {

TEST(FindText, IsTheFirstPlaceAtOrBehindTheStart) {
  const std::string text = "abcab" + std::string(40, 'x') + "abcd";
  EXPECT_EQ(find_text(text, "abc"), 0U);
  EXPECT_EQ(find_text(text, "abc", 1), 45U);
  EXPECT_EQ(find_text(text, "abcd"), 45U);
  EXPECT_EQ(find_text(text, "abcde"), std::string::npos);
  EXPECT_EQ(find_text(text, "", 7), 7U);
  EXPECT_EQ(find_text(text, "d", text.size()), std::string::npos);
  EXPECT_EQ(find_text("", "a"), std::string::npos);
  EXPECT_EQ(find_text("", "", 1), std::string::npos);
}

// Few letters, so that parts of the needle are everywhere.
RC_GTEST_PROP(FindText, IsWhatTheStandardLibraryFinds, ()) {
  const auto letter = rc::gen::resize(100, rc::gen::element('a', 'b', 'b', '\0', '\xc3'));
  const auto text =
      *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 300), letter);
  const auto needle =
      *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 20), letter);
  const auto from = *rc::gen::inRange<std::size_t>(0, 310);
  RC_ASSERT(find_text(text, needle, from) == std::string_view(text).find(needle, from));
}

TEST(FindText, FindsBehindManyPlacesThatAreAlmostOnes) {
  const std::string needle = std::string(200, 'a') + "b" + std::string(200, 'a');
  const std::string text = std::string(100'000, 'a') + needle + std::string(50, 'a');
  EXPECT_EQ(find_text(text, needle), 100'000U);
  EXPECT_EQ(find_text(text, needle, 100'001), std::string::npos);
}

TEST(Contains, IsTrueWhereTheNeedleIsFoundAnywhere) {
  EXPECT_TRUE(contains("abc", "abc"));
  EXPECT_TRUE(contains("abc", "c"));
  EXPECT_FALSE(contains("abc", "abcd"));
  EXPECT_FALSE(contains("abc", "C")) << "byte by byte";
  EXPECT_TRUE(contains("abc", ""));
  EXPECT_TRUE(contains("", ""));
}

RC_GTEST_PROP(CountOf, IsWhatTheStandardLibraryCounts, ()) {
  const auto letter = rc::gen::element('a', '\0', '\xff');
  const auto text =
      *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 6000), letter);
  for (const char byte : {'a', '\0', '\xff', 'x'}) {
    RC_ASSERT(count_of(text, byte) ==
              static_cast<std::size_t>(std::count(text.begin(), text.end(), byte)));
  }
}

}  // namespace
}  // namespace piperoll::base
