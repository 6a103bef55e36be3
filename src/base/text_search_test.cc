#include "base/text_search.h"

#include <algorithm>
#include <string>
#include <vector>

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

std::vector<std::size_t> texts_with(std::string_view needle, std::string_view texts) {
  std::vector<std::size_t> found;
  for_each_text_with(texts, needle, [&](std::size_t index) { found.push_back(index); });
  return found;
}

TEST(ForEachTextWith, FindsNothingAcrossTexts) {
  const std::string_view texts("ab\0\0b\0", 6);  // the second is empty
  EXPECT_EQ(texts_with("b", texts), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(texts_with("", texts), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(texts_with("bb", texts).empty());
  EXPECT_TRUE(texts_with(std::string_view("b\0", 2), texts).empty());
  EXPECT_TRUE(texts_with(std::string_view("\0", 1), texts).empty());
  EXPECT_TRUE(texts_with("", "").empty());
}

RC_GTEST_PROP(ForEachTextWith, IsAskingEachText, ()) {
  const auto few_letters = [](std::size_t size_max) {
    return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, size_max + 1), [](std::size_t size) {
      return rc::gen::container<std::string>(size, rc::gen::element('a', 'b', 'b', '\xc3'));
    });
  };
  const auto texts = *rc::gen::container<std::vector<std::string>>(
      *rc::gen::inRange<std::size_t>(0, 60), few_letters(40));
  const auto needle = *few_letters(5);
  std::string joined;
  std::vector<std::size_t> expected;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    joined.append(texts[i]).push_back('\0');
    if (texts[i].find(needle) != std::string::npos) {
      expected.push_back(i);
    }
  }
  RC_ASSERT(texts_with(needle, joined) == expected);
}

}  // namespace
}  // namespace piperoll::base
