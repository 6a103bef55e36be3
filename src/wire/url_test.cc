#include "wire/url.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/unicode.h"

namespace piperoll::wire {
namespace {

using Strings = std::vector<std::string>;

TEST(PercentDecode, TurnsEscapesIntoBytes) {
  EXPECT_EQ(percent_decode("a%20b%2fC%2F%00", Plus::Literal), std::string("a b/C/\0", 7));
  EXPECT_EQ(percent_decode("a+b%2B", Plus::Literal), "a+b+");
  EXPECT_EQ(percent_decode("a+b%2B", Plus::Space), "a b+");
  EXPECT_EQ(percent_decode("", Plus::Space), "");
  EXPECT_EQ(percent_decode("%ff", Plus::Space), "\xff");
}

TEST(PercentDecode, RefusesBrokenEscapes) {
  for (std::string_view text : {"%", "%a", "a%2", "%g0", "%0g", "%%20", "% 20", "a%"}) {
    EXPECT_EQ(percent_decode(text, Plus::Literal), std::nullopt) << text;
  }
}

TEST(PercentEncode, LeavesUnreservedCharactersAlone) {
  EXPECT_EQ(percent_encode("azAZ09-._~"), "azAZ09-._~");
  EXPECT_EQ(percent_encode(" /?&=+%\xc3\xa9"), "%20%2F%3F%26%3D%2B%25%C3%A9");
}

RC_GTEST_PROP(PercentEncode, IsUndoneByDecode, (const std::string& text)) {
  RC_ASSERT(percent_decode(percent_encode(text), Plus::Literal) == text);
  RC_ASSERT(percent_decode(percent_encode(text), Plus::Space) == text);
}

TEST(ParseQuery, KeepsOrderAndRepeats) {
  auto parameters = parse_query("b=2&a=1&b=3&&flag&empty=&=v&x=y=z&s=a+b%26c&");

  ASSERT_TRUE(parameters.has_value());
  Parameters expected = {{"b", "2"},    {"a", "1"}, {"b", "3"},   {"flag", ""},
                         {"empty", ""}, {"", "v"},  {"x", "y=z"}, {"s", "a b&c"}};
  EXPECT_EQ(*parameters, expected);
  EXPECT_EQ(find(*parameters, "b"), "2");
  EXPECT_EQ(find(*parameters, "flag"), "");
  EXPECT_EQ(find(*parameters, "c"), std::nullopt);
}

TEST(ParseQuery, OfNothingIsEmpty) {
  EXPECT_TRUE(parse_query("")->empty());
  EXPECT_TRUE(parse_query("&&&")->empty());
}

TEST(ParseQuery, NamesTheParameterThatIsBroken) {
  struct Case {
    std::string_view query, name;
  };
  const Case cases[] = {{"a=1&actor.id=%zz", "actor.id"},
                        {"a%20b=%", "a b"},
                        {"x=%ff", "x"},
                        {"x=\xc3", "x"},
                        {"%ff=1", "%ff"},
                        {"\xff=1", "%FF"},
                        {"x=%ed%a0%80", "x"}};
  for (const Case& c : cases) {
    auto parameters = parse_query(c.query);
    ASSERT_FALSE(parameters.has_value()) << c.query;
    EXPECT_EQ(parameters.error().kind, base::ErrorKind::InvalidArgument);
    ASSERT_EQ(parameters.error().faults.size(), 1U);
    EXPECT_EQ(parameters.error().faults[0].pointer, c.name);
    EXPECT_NE(parameters.error().message.find(c.name), std::string::npos);
  }
}

TEST(ParseQueryLeniently, KeepsSomethingOfWhatIsBroken) {
  const Parameters expected = {
      {"a", "1"}, {"x", "%zz"},      {"\uFFFD", "3"},       {"b", "2 +"}, {"y", "1\uFFFD\u00e92"},
      {"z", "%"}, {"w", "%%4A J%4"}, {"v", "\uFFFD\uFFFDx"}};
  EXPECT_EQ(
      parse_query_leniently("a=1&x=%zz&%ff=3&b=2+%2b&y=1%ff%c3%a92&z=%&w=%%254A+%4a%4&v=%e2%82x"),
      expected);
}

RC_GTEST_PROP(ParseQuery, AgreesWithTheLenientFormWhereItSucceeds, (const std::string& query)) {
  auto strict = parse_query(query);
  Parameters lenient = parse_query_leniently(query);
  if (strict.has_value()) {
    RC_ASSERT(*strict == lenient);
  }
  for (const auto& [name, value] : lenient) {
    RC_ASSERT(base::is_valid_utf8(name) && base::is_valid_utf8(value));
  }
}

TEST(SplitPath, SplitsBeforeItDecodes) {
  EXPECT_EQ(split_path("/v1/events/a%2Fb"), (Strings{"v1", "events", "a/b"}));
  EXPECT_EQ(split_path("/v1/events/a%252Fb"), (Strings{"v1", "events", "a%2Fb"}));
  EXPECT_EQ(split_path("/a+b"), (Strings{"a+b"}));
}

TEST(SplitPath, KeepsEmptySegments) {
  EXPECT_EQ(split_path("/"), (Strings{""}));
  EXPECT_EQ(split_path("/a/"), (Strings{"a", ""}));
  EXPECT_EQ(split_path("//a"), (Strings{"", "a"}));
  EXPECT_EQ(split_path("/a//b"), (Strings{"a", "", "b"}));
  EXPECT_EQ(split_path("/./.."), (Strings{".", ".."}));
}

TEST(SplitPath, RefusesWhatIsNoPath) {
  for (std::string_view path :
       {"", "*", "a/b", "http://h/a", "/%", "/a%2", "/%zz", "/%00", "/a/%ff", "/\xff"}) {
    EXPECT_EQ(split_path(path), std::nullopt) << path;
  }
  EXPECT_EQ(split_path(std::string_view("/a\0b", 4)), std::nullopt);
}

}  // namespace
}  // namespace piperoll::wire
