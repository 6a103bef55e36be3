#include "base/json_cursor.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json.h"

namespace piperoll::base {
namespace {

using Strings = std::vector<std::string>;

std::optional<std::string> string_in(std::string_view text) {
  JsonCursor cursor(text);
  std::string_view out;
  return cursor.string(out) && cursor.at_end() ? std::optional(std::string(out)) : std::nullopt;
}

std::optional<std::int64_t> integer_in(std::string_view text) {
  JsonCursor cursor(text);
  std::int64_t out = 0;
  return cursor.integer(out) && cursor.at_end() ? std::optional(out) : std::nullopt;
}

bool is_canonical(std::string_view text, std::size_t levels_max = 15) {
  JsonCursor cursor(text);
  std::string_view out;
  return cursor.canonical(out, levels_max) && cursor.at_end();
}

TEST(JsonCursor, WalksThroughAText) {
  JsonCursor cursor(" { \"a\" : [ 12 ,\tnull\r\n] } ");
  std::string_view name;
  std::int64_t number = 0;
  EXPECT_FALSE(cursor.take('['));
  ASSERT_TRUE(cursor.take('{'));
  EXPECT_FALSE(cursor.at_end());
  ASSERT_TRUE(cursor.string(name));
  EXPECT_EQ(name, "a");
  EXPECT_FALSE(cursor.string(name));
  ASSERT_TRUE(cursor.take(':') && cursor.take('['));
  EXPECT_FALSE(cursor.null());
  ASSERT_TRUE(cursor.integer(number));
  EXPECT_EQ(number, 12);
  ASSERT_TRUE(cursor.take(',') && cursor.null() && cursor.take(']') && cursor.take('}'));
  EXPECT_TRUE(cursor.at_end());
  EXPECT_FALSE(cursor.take('}') || cursor.null() || cursor.string(name) || cursor.integer(number));
}

TEST(JsonCursor, TakesStringsThatStandForThemselves) {
  for (std::size_t length = 0; length <= 70; ++length) {
    std::string text(length, 'x');
    EXPECT_EQ(string_in("\"" + text + "\""), text);
    for (std::size_t at = 0; at < length; ++at) {
      for (char odd : {'\\', '\x1f', '\0', '\x80', '\xff'}) {
        std::string other = text;
        other[at] = odd;
        EXPECT_EQ(string_in("\"" + other + "\""), std::nullopt) << length << " " << at;
      }
      std::string cut = text;
      cut[at] = '"';
      EXPECT_EQ(string_in("\"" + cut + "\""), std::nullopt);
    }
    EXPECT_EQ(string_in("\"" + text), std::nullopt) << "no end";
  }
  EXPECT_EQ(string_in("\"zo\xc3\xab \xf0\x9f\x98\x80\x7f\""), "zo\xc3\xab \xf0\x9f\x98\x80\x7f");
  EXPECT_EQ(string_in("\"\xed\xa0\x80\""), std::nullopt) << "a surrogate";
}

TEST(JsonCursor, TakesIntegersOfFewDigits) {
  EXPECT_EQ(integer_in("0"), 0);
  EXPECT_EQ(integer_in(" -17"), -17);
  EXPECT_EQ(integer_in("999999999999999"), 999'999'999'999'999);
  for (std::string_view text : {"", "-", "-0", "00", "01", "+1", "1.0", "1e2", "1E2", "x",
                                "1000000000000000", "99999999999999999999"}) {
    EXPECT_EQ(integer_in(text), std::nullopt) << text;
  }
}

TEST(JsonCursor, KnowsCanonicalObjects) {
  for (std::string_view text :
       {"{}", R"({"":1})", R"({"a":null,"b":[],"c":{"d":true,"e":false}})", R"({"a":[1,-2,"x"]})",
        R"({"a":"zoë \n\t\b\f\r\"\\","aa":1})", R"({"A":0.5,"a":-12.25,"b":0.000001})",
        R"({"a":123456789012.345})"}) {
    EXPECT_TRUE(is_canonical(text)) << text;
  }
  for (std::string_view text : {"",
                                "[]",
                                "1",
                                "{",
                                R"({"a":1)",
                                R"({"a":1,})",
                                R"({,"a":1})",
                                R"({"a" :1})",
                                R"({"a": 1})",
                                R"({"b":1,"a":1})",
                                R"({"a":1,"a":1})",
                                R"({"\n":1})",
                                R"({"ë":1})",
                                R"({"a":"\/"})",
                                R"({"a":"\u0001"})",
                                R"({"a":"\x"})",
                                R"({"a":"\)",
                                R"({"a":1.0})",
                                R"({"a":1.50})",
                                R"({"a":.5})",
                                R"({"a":1.})",
                                R"({"a":1e3})",
                                R"({"a":1.5e3})",
                                R"({"a":-0})",
                                R"({"a":-0.0})",
                                R"({"a":0.0000001})",
                                R"({"a":1234567890123456})",
                                R"({"a":12345678901234.56})",
                                R"({"a":01.5})",
                                R"({"a":-})",
                                R"({"a":[1,]})",
                                R"({"a":[1 ,2]})",
                                R"({"a":tru})",
                                R"({"a":nulls})",
                                R"({"a":[}})",
                                "{\"a\":\"\x01\"}",
                                "{\"a\":\"\xff\"}"}) {
    EXPECT_FALSE(is_canonical(text)) << text;
  }
}

TEST(JsonCursor, CountsTheLevelsOfCanonicalObjects) {
  EXPECT_TRUE(is_canonical(R"({"a":[{}]})", 3));
  EXPECT_FALSE(is_canonical(R"({"a":[{}]})", 2));
  EXPECT_FALSE(is_canonical("{}", 0));
}

TEST(JsonCursor, StaysWhereItWasWhenAnObjectIsNotCanonical) {
  JsonCursor cursor(R"({"b":["}","\"]"],"a":1}, "\"x\\")");
  std::string_view out;
  EXPECT_FALSE(cursor.canonical(out, 15));
  ASSERT_TRUE(cursor.raw_object(out));
  EXPECT_EQ(out, R"({"b":["}","\"]"],"a":1})");
  ASSERT_TRUE(cursor.take(','));
  EXPECT_FALSE(cursor.string(out));
  ASSERT_TRUE(cursor.raw_string(out));
  EXPECT_EQ(out, R"("\"x\\")");
  EXPECT_TRUE(cursor.at_end());
  for (std::string_view open : {"\"", "\"a", "\"\\\"", "\"\\", "{", "{\"}", "{[}"}) {
    JsonCursor broken(open);
    EXPECT_FALSE(broken.raw_string(out) || broken.raw_object(out)) << open;
  }
}

// What it takes, the parser takes, and it is the same.
void agree(std::string_view text) {
  JsonParser parser;
  const auto value = parser.parse(text, {.depth_max = 15});
  if (const auto string = string_in(text)) {
    RC_ASSERT(value.has_value() && value->is(JsonKind::String) && value->as_string() == *string);
  }
  if (const auto integer = integer_in(text)) {
    RC_ASSERT(value.has_value() && value->is(JsonKind::Integer) && value->as_integer() == *integer);
  }
  JsonCursor cursor(text);
  std::string_view out;
  if (cursor.canonical(out, 15) && cursor.at_end()) {
    RC_ASSERT(value.has_value());
    std::string canonical;
    append_canonical(canonical, *value);
    RC_ASSERT(canonical == out);
  }
}

RC_GTEST_PROP(JsonCursor, TakesNothingThatTheParserReadsOtherwise, ()) {
  std::string text;
  const int pieces = *rc::gen::inRange(1, 24);
  for (int i = 0; i < pieces; ++i) {
    text += *rc::gen::elementOf(Strings{
        "{",       "}",    "[",     "]",   ",",        ":",    "\"",   "\"a\":",
        "\"b\":",  "\"\"", "\"x\"", "\\n", "\\\\",     "\\\"", "\\/",  "\\u0041",
        "\\ud83d", "0",    "7",     "-1",  ".5",       "0.25", "1e3",  "E",
        "null",    "true", "false", " ",   "\xc3\xab", "\xff", "\x01", "zzzzzzzzzzzzzzzzzzzz"});
  }
  agree(text);
}

RC_GTEST_PROP(JsonCursor, TakesNumbersAsTheParserWritesThem, ()) {
  std::string digits = *rc::gen::container<std::string>(rc::gen::inRange('0', ':'));
  digits.resize(std::min<std::size_t>(digits.size(), 18));
  if (!digits.empty() && *rc::gen::arbitrary<bool>()) {
    digits.insert(*rc::gen::inRange<std::size_t>(0, digits.size() + 1), ".");
  }
  agree("{\"a\":" + std::string(*rc::gen::arbitrary<bool>() ? "-" : "") + digits + "}");
}

}  // namespace
}  // namespace piperoll::base
