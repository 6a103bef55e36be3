#include "dialect/common/go_time.h"

#include <gtest/gtest.h>

namespace piperoll::dialect {
namespace {

constexpr std::string_view kAs = " as \"2006-01-02T15:04:05.999999999Z07:00\": cannot parse ";

TEST(GoTime, ReadsWhatGoReads) {
  struct Case {
    std::string_view text;
    std::int64_t micros;
    bool between = false;
  };
  const Case cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-02T03:04:05Z", 97'445'000'000},
      {"1970-01-01T00:00:00.5Z", 500'000},
      {"1970-01-01T00:00:00,25Z", 250'000},
      {"1970-01-01T00:00:00.000001999Z", 1, true},
      {"1970-01-01T00:00:00.0000010009Z", 1, false},
      {"1970-01-01T3:04:05Z", 11'045'000'000},
      {"1970-01-01T01:00:00+01:00", 0},
      {"1969-12-31T23:30:00-00:30", 0},
      {"1970-01-02T00:00:00+24:00", 0},
      {"1970-01-01T01:00:00+00:60", 0},
      {"1969-12-31T23:59:59Z", -1'000'000},
      {"0000-01-01T00:00:00Z", -62'167'219'200'000'000},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000'000},
  };
  for (const Case& c : cases) {
    auto time = parse_go_time(c.text);
    ASSERT_TRUE(time.has_value()) << c.text << ": " << time.error().message;
    EXPECT_EQ(time->micros, c.micros) << c.text;
    EXPECT_EQ(time->between, c.between) << c.text;
  }
}

TEST(GoTime, SaysWhatItCouldNotParse) {
  struct Case {
    std::string_view text, value, piece;
  };
  const Case cases[] = {
      {"foo", "foo", "2006"},
      {"", "", "2006"},
      {"20x4-01-01T00:00:00Z", "20x4-01-01T00:00:00Z", "2006"},
      {"2024", "", "-"},
      {"2024/01/01", "/01/01", "-"},
      {"2024-1-01T00:00:00Z", "1-01T00:00:00Z", "01"},
      {"2024-01-01", "", "T"},
      {"2024-01-01 00:00:00Z", " 00:00:00Z", "T"},
      {"2024-01-01T", "", "15"},
      {"2024-01-01T00:0:00Z", "0:00Z", "04"},
      {"2024-01-01T00:00", "", ":"},
      {"2024-01-01T00:00:0Z", "0Z", "05"},
      {"2024-01-01T00:00:00", "", "Z07:00"},
      {"2024-01-01T00:00:00z", "z", "Z07:00"},
      {"2024-01-01T00:00:00+0100", "+0100", "Z07:00"},
      {"2024-01-01T00:00:00 01:00", " 01:00", "Z07:00"},
      {"2024-01-01T00:00:00+0x:00", "+0x:00", "Z07:00"},
  };
  for (const Case& c : cases) {
    auto time = parse_go_time(c.text);
    ASSERT_FALSE(time.has_value()) << c.text;
    EXPECT_EQ(time.error().message, "parsing time \"" + std::string(c.text) + "\"" +
                                        std::string(kAs) + "\"" + std::string(c.value) +
                                        "\" as \"" + std::string(c.piece) + "\"");
  }
}

TEST(GoTime, SaysWhatIsOutOfRange) {
  struct Case {
    std::string_view text, problem;
  };
  const Case cases[] = {
      {"2024-13-01T00:00:00Z", "month out of range"},
      {"2024-00-01T00:00:00Z", "month out of range"},
      {"2024-02-30T00:00:00Z", "day out of range"},
      {"2023-02-29T00:00:00Z", "day out of range"},
      {"2024-01-00T00:00:00Z", "day out of range"},
      {"2024-01-01T24:00:00Z", "hour out of range"},
      {"2024-01-01T00:60:00Z", "minute out of range"},
      {"2024-01-01T00:00:60Z", "second out of range"},
      {"2024-01-01T00:00:00+25:00", "time zone offset hour out of range"},
      {"2024-01-01T00:00:00+00:61", "time zone offset minute out of range"},
      {"2024-01-01T00:00:00Zx", "extra text: \"x\""},
  };
  for (const Case& c : cases) {
    auto time = parse_go_time(c.text);
    ASSERT_FALSE(time.has_value()) << c.text;
    EXPECT_EQ(time.error().message,
              "parsing time \"" + std::string(c.text) + "\": " + std::string(c.problem));
  }
}

TEST(GoTime, QuotesBytesThatAreNotPlain) {
  EXPECT_EQ(parse_go_time("\"\\h\xc3\xa9\n").error().message,
            "parsing time \"\\\"\\\\h\\xc3\\xa9\\x0a\"" + std::string(kAs) +
                "\"\\\"\\\\h\\xc3\\xa9\\x0a\" as \"2006\"");
}

TEST(GoInteger, ReadsSignsAndTheWholeRange) {
  EXPECT_EQ(*parse_go_integer("0"), 0);
  EXPECT_EQ(*parse_go_integer("+5"), 5);
  EXPECT_EQ(*parse_go_integer("-5"), -5);
  EXPECT_EQ(*parse_go_integer("007"), 7);
  EXPECT_EQ(*parse_go_integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(*parse_go_integer("-9223372036854775808"), INT64_MIN);
}

TEST(GoInteger, RefusesInGosWords) {
  for (std::string text : {"", "abc", "1.5", "+", "-", "+-5", "--5", " 5", "5 ", "1_000", "0x1"}) {
    EXPECT_EQ(parse_go_integer(text).error().message,
              "strconv.Atoi: parsing \"" + text + "\": invalid syntax");
  }
  for (std::string text : {"99999999999999999999", "9223372036854775808", "-9223372036854775809"}) {
    EXPECT_EQ(parse_go_integer(text).error().message,
              "strconv.Atoi: parsing \"" + text + "\": value out of range");
  }
}

TEST(GoBool, TakesTheTwelveWords) {
  for (std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    EXPECT_TRUE(*parse_go_bool(word)) << word;
  }
  for (std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    EXPECT_FALSE(*parse_go_bool(word)) << word;
  }
  EXPECT_EQ(parse_go_bool("yes").error().message,
            "strconv.ParseBool: parsing \"yes\": invalid syntax");
  EXPECT_FALSE(parse_go_bool("tRUE").has_value());
}

TEST(GoQuote, EscapesWhatCannotBePrinted) {
  EXPECT_EQ(go_quote("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(go_quote("\n\t\x01\x7f"), R"("\n\t\x01\x7f")");
  EXPECT_EQ(go_quote("h\xc3\xa9\xf0\x9f\x98\x80"), "\"h\xc3\xa9\xf0\x9f\x98\x80\"");
  EXPECT_EQ(go_quote("\xc2\xa0\xe2\x80\x8b"), "\"\\u00a0\\u200b\"");
}

}  // namespace
}  // namespace piperoll::dialect
