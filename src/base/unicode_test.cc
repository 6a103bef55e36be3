#include "base/unicode.h"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::base {
namespace {

std::string utf8(const std::vector<char32_t>& code_points) {
  std::string text;
  for (char32_t code_point : code_points) {
    append_utf8(text, code_point);
  }
  return text;
}

TEST(Utf8, EncodesEveryLength) {
  EXPECT_EQ(utf8({0}), std::string(1, '\0'));
  EXPECT_EQ(utf8({0x7f, 0x80, 0x7ff}), "\x7f\xc2\x80\xdf\xbf");
  EXPECT_EQ(utf8({0x800, 0xd7ff, 0xe000, 0xffff}),
            "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
  EXPECT_EQ(utf8({0x10000, 0x10ffff}), "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

TEST(Utf8, AcceptsEveryCodePoint) {
  for (char32_t code_point = 0; code_point <= 0x10ffff; ++code_point) {
    if (code_point == 0xd800) {
      code_point = 0xe000;
    }
    std::string text = utf8({code_point});
    ASSERT_TRUE(is_valid_utf8(text)) << testing::PrintToString(text);
    ASSERT_EQ(code_point_count(text), 1U) << testing::PrintToString(text);
  }
}

TEST(Utf8, RefusesWhatIsNotUtf8) {
  for (std::string_view text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "a\xc3z"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << testing::PrintToString(text);
    EXPECT_FALSE(is_valid_utf8("some text before " + std::string(text))) << text;
  }
  EXPECT_TRUE(is_valid_utf8(""));
}

TEST(Utf8DeathTest, DemandsACodePoint) {
  std::string out;
  EXPECT_DEATH(append_utf8(out, 0xd800), "check failed");
  EXPECT_DEATH(append_utf8(out, 0x110000), "check failed");
}

rc::Gen<char32_t> any_code_point() {
  return rc::gen::weightedOneOf<char32_t>(
      {{6, rc::gen::inRange<char32_t>(0x20, 0x7f)},
       {2, rc::gen::inRange<char32_t>(0x80, 0x800)},
       {1, rc::gen::inRange<char32_t>(0x1e00, 0x2200)},  // fold to ASCII: U+1E9E, U+212A
       {1, rc::gen::inRange<char32_t>(0xe000, 0x10000)},
       {1, rc::gen::inRange<char32_t>(0x10000, 0x110000)}});
}

std::vector<char32_t> any_code_points() {
  return *rc::gen::container<std::vector<char32_t>>(any_code_point());
}

RC_GTEST_PROP(Utf8Property, CountsCodePoints, ()) {
  auto code_points = any_code_points();
  std::string text = utf8(code_points);
  RC_ASSERT(is_valid_utf8(text));
  RC_ASSERT(code_point_count(text) == code_points.size());
}

TEST(IsBlank, KnowsTheWhiteSpaceOfUnicode) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\n\v\f\r"));
  // PropList.txt: White_Space.
  std::vector<char32_t> spaces = {0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
  for (char32_t c = 0x09; c <= 0x0d; ++c) {
    spaces.push_back(c);
  }
  for (char32_t c = 0x2000; c <= 0x200a; ++c) {
    spaces.push_back(c);
  }
  EXPECT_TRUE(is_blank(utf8(spaces)));
  std::size_t found = 0;
  for (char32_t c = 0; c < 0xd800; ++c) {
    found += is_blank(utf8({c})) ? 1U : 0U;
  }
  EXPECT_EQ(found, spaces.size());
}

TEST(IsBlank, IsFalseWithAnythingElse) {
  for (std::string_view text :
       {"a", " a", "a ", "\u200b", "\u2060", "\ufeff", "\x1f", "\xff", " \xc3"}) {
    EXPECT_FALSE(is_blank(text)) << testing::PrintToString(text);
  }
  EXPECT_FALSE(is_blank(std::string_view("\0", 1)));
}

TEST(FoldCase, FoldsAsCaseFoldingTxtSays) {
  EXPECT_EQ(fold_case("AZaz09[@`{"), "azaz09[@`{");
  EXPECT_EQ(fold_case("\u00c4\u00d6\u00dc\u00df"), "\u00e4\u00f6\u00fc\u00df");  // simple: ß stays
  EXPECT_EQ(fold_case("\u1e9e"), "\u00df");
  EXPECT_EQ(fold_case("\u212a\u017f"), "ks");  // Kelvin sign, long s
  EXPECT_EQ(fold_case("\u03a3\u03c2\u03c3"), "\u03c3\u03c3\u03c3");
  EXPECT_EQ(fold_case("\u0130"), "\u0130");  // T, not C or S
  EXPECT_EQ(fold_case("\U00010400"), "\U00010428");
  EXPECT_EQ(fold_case(""), "");
}

TEST(FoldCase, LeavesBytesThatAreNotUtf8) {
  EXPECT_EQ(fold_case("A\xff\xc3"), "a\xff\xc3");
}

RC_GTEST_PROP(FoldCaseProperty, KeepsTheCountAndIsAFixedPoint, ()) {
  std::string text = utf8(any_code_points());
  std::string folded = fold_case(text);
  RC_ASSERT(is_valid_utf8(folded));
  RC_ASSERT(code_point_count(folded) == code_point_count(text));
  RC_ASSERT(fold_case(folded) == folded);
}

RC_GTEST_PROP(FoldCaseProperty, FoldsAsciiByteByByte, ()) {
  auto text = *rc::gen::container<std::string>(
      rc::gen::map(rc::gen::inRange(0, 128), [](int c) { return static_cast<char>(c); }));
  std::string expected = text;
  for (char& c : expected) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  RC_ASSERT(fold_case(text) == expected);
}

TEST(ContainsFolded, FindsWhateverTheCase) {
  EXPECT_TRUE(contains_folded("User.Login", "user"));
  EXPECT_TRUE(contains_folded("User.LOGIN", "login"));
  EXPECT_FALSE(contains_folded("User.Login", "logout"));
  EXPECT_TRUE(contains_folded("anything", ""));
  EXPECT_TRUE(contains_folded("", ""));
  EXPECT_FALSE(contains_folded("", "a"));
  EXPECT_TRUE(contains_folded("\u00c4rger", "\u00e4r"));
  EXPECT_TRUE(contains_folded("300 \u212a", "0 k"));
  EXPECT_FALSE(contains_folded("abc", "\u00e4"));
}

TEST(ContainsFolded, FindsAtEveryPlaceOfLongTexts) {
  for (std::size_t needle_size : {1U, 2U, 3U, 256U, 257U, 2047U, 2048U, 2049U}) {
    std::string needle(needle_size - 1, 'n');
    needle.push_back('z');
    for (std::size_t at = 0; at < 9000; at += 11) {
      std::string text(at, 'N');
      text += std::string(needle_size - 1, 'N') + "Z" + std::string(at % 7, 'x');
      ASSERT_TRUE(contains_folded(text, needle)) << needle_size << " " << at;
      text[at + needle_size - 1] = 'Y';
      ASSERT_FALSE(contains_folded(text, needle)) << needle_size << " " << at;
    }
  }
}

RC_GTEST_PROP(ContainsFoldedProperty, AgreesWithFoldingTheWhole, ()) {
  auto few = rc::gen::elementOf(std::vector<char32_t>{'a', 'A', 'b', 'k', 0x212a, 0xe4, 0xc4});
  auto ascii = rc::gen::elementOf(std::vector<char32_t>{'a', 'A', 'b', 'B'});
  bool only_ascii = *rc::gen::arbitrary<bool>();
  auto gen = rc::gen::container<std::vector<char32_t>>(only_ascii ? ascii : few);
  std::string text = utf8(*gen);
  std::string needle = fold_case(utf8(*rc::gen::resize(4, gen)));
  RC_ASSERT(contains_folded(text, needle) == (fold_case(text).find(needle) != std::string::npos));
}

}  // namespace
}  // namespace piperoll::base
