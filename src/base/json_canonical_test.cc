#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json.h"
#include "base/unicode.h"

namespace piperoll::base {
namespace {

std::string canonical(std::string_view text) {
  JsonParser parser;
  auto parsed = parser.parse(text);
  if (!parsed) {
    return "refused: " + parsed.error().message;
  }
  std::string out;
  append_canonical(out, *parsed);
  return out;
}

std::string number(double value) {
  std::string out;
  append_canonical_number(out, value);
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  append_canonical_string(out, text);
  return out;
}

// The vectors of RFC 8785 and of its author's test data.
TEST(CanonicalJson, MatchesThePublishedVectors) {
  EXPECT_EQ(canonical(R"([ 56, { "d": true, "10": null, "1": [] } ])"),
            R"([56,{"1":[],"10":null,"d":true}])");
  EXPECT_EQ(canonical(R"({
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false] })"),
            "{\"literals\":[null,true,false],"
            "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
            "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  EXPECT_EQ(
      canonical(R"({"peach":"This sorting order","p\u00e9ch\u00e9":"is wrong according to French",
                          "p\u00eache":"but canonicalization MUST","sin":"ignore locale"})"),
      "{\"peach\":\"This sorting order\",\"p\u00e9ch\u00e9\":\"is wrong according to French\","
      "\"p\u00eache\":\"but canonicalization MUST\",\"sin\":\"ignore locale\"}");
  EXPECT_EQ(canonical(R"({"Unnormalized Unicode":"A\u030a"})"),
            "{\"Unnormalized Unicode\":\"A\u030a\"}");
  EXPECT_EQ(
      canonical(R"({"1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty",
                          "a": { }, "111": [ {"e": "yes","E": "no" } ], "A": { } })"),
      R"({"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],)"
      R"("A":{},"a":{}})");
}

TEST(CanonicalJson, OrdersNamesByUtf16CodeUnits) {
  EXPECT_EQ(canonical(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\u000a":"Newline","1":"One",
                          "\u0080":"Control","\ud83d\ude02":"Smiley","\u00f6":"Latin",
                          "\ufb33":"Hebrew","</script>":"Browser Challenge"})"),
            "{\"\\n\":\"Newline\",\"\\r\":\"Carriage Return\",\"1\":\"One\","
            "\"</script>\":\"Browser Challenge\",\"\u0080\":\"Control\",\"\u00f6\":\"Latin\","
            "\"\u20ac\":\"Euro Sign\",\"\U0001f602\":\"Smiley\",\"\ufb33\":\"Hebrew\"}");
}

TEST(CanonicalJson, EscapesAsLittleAsPossible) {
  EXPECT_EQ(in_quotes("\b\t\n\f\r\"\\/\x7f\x01\x1f"),
            "\"\\b\\t\\n\\f\\r\\\"\\\\/\x7f\\u0001\\u001f\"");
  EXPECT_EQ(in_quotes(""), "\"\"");
  EXPECT_EQ(in_quotes("\u2028\U0001f602"), "\"\u2028\U0001f602\"");
}

TEST(CanonicalJson, WritesNullForTheDefaultValue) {
  std::string out;
  append_canonical(out, JsonValue());
  EXPECT_EQ(out, "null");
}

TEST(CanonicalNumber, MatchesThePublishedVectors) {
  struct Case {
    std::uint64_t bits;
    std::string_view text;
  };
  for (const auto& [bits, text] : {Case{0x0000000000000000, "0"},
                                   {0x8000000000000000, "0"},
                                   {0x0000000000000001, "5e-324"},
                                   {0x8000000000000001, "-5e-324"},
                                   {0x7fefffffffffffff, "1.7976931348623157e+308"},
                                   {0xffefffffffffffff, "-1.7976931348623157e+308"},
                                   {0x4340000000000000, "9007199254740992"},
                                   {0xc340000000000000, "-9007199254740992"},
                                   {0x4430000000000000, "295147905179352830000"},
                                   {0x44b52d02c7e14af5, "9.999999999999997e+22"},
                                   {0x44b52d02c7e14af6, "1e+23"},
                                   {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                                   {0x444b1ae4d6e2ef4e, "999999999999999700000"},
                                   {0x444b1ae4d6e2ef4f, "999999999999999900000"},
                                   {0x444b1ae4d6e2ef50, "1e+21"},
                                   {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                                   {0x3eb0c6f7a0b5ed8d, "0.000001"},
                                   {0x41b3de4355555553, "333333333.3333332"},
                                   {0x41b3de4355555554, "333333333.33333325"},
                                   {0x41b3de4355555555, "333333333.3333333"},
                                   {0x41b3de4355555556, "333333333.3333334"},
                                   {0x41b3de4355555557, "333333333.33333343"},
                                   {0xbecbf647612f3696, "-0.0000033333333333333333"},
                                   {0x43143ff3c1cb0959, "1424953923781206.2"}}) {
    EXPECT_EQ(number(std::bit_cast<double>(bits)), text);
  }
}

TEST(CanonicalNumber, ChangesItsFormWhereEcmascriptDoes) {
  EXPECT_EQ(number(1), "1");
  EXPECT_EQ(number(-10), "-10");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(123.456), "123.456");
  EXPECT_EQ(number(1e20), "100000000000000000000");
  EXPECT_EQ(number(1e21), "1e+21");
  EXPECT_EQ(number(1.5e300), "1.5e+300");
  EXPECT_EQ(number(1e-6), "0.000001");
  EXPECT_EQ(number(1e-7), "1e-7");
  EXPECT_EQ(number(1.25e-7), "1.25e-7");
  EXPECT_EQ(number(0.00001234), "0.00001234");
}

TEST(CanonicalNumberDeathTest, DemandsAFiniteNumber) {
  EXPECT_DEATH(number(std::numeric_limits<double>::infinity()), "check failed");
}

// Any bits but those of NaN and the infinities.
rc::Gen<double> any_finite() {
  return rc::gen::suchThat(
      rc::gen::map(
          rc::gen::oneOf(rc::gen::arbitrary<std::uint64_t>(),
                         rc::gen::map(rc::gen::arbitrary<double>(),
                                      [](double d) { return std::bit_cast<std::uint64_t>(d); })),
          [](std::uint64_t bits) { return std::bit_cast<double>(bits); }),
      [](double value) { return std::isfinite(value); });
}

RC_GTEST_PROP(CanonicalNumberProperty, ReadsBackAsTheSameDouble, ()) {
  double value = *any_finite();
  std::string text = number(value);

  double back = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), back);

  RC_ASSERT(status == std::errc{});
  RC_ASSERT(end == text.data() + text.size());
  RC_ASSERT(back == value);
}

// No text of fewer digits reads back as the same double, and the layout follows the exponent.
RC_GTEST_PROP(CanonicalNumberProperty, HasTheFewestDigits, ()) {
  double value = std::abs(*any_finite());
  RC_PRE(value != 0);
  std::string text = number(value);
  std::string digits;
  for (char c : text.substr(0, text.find('e'))) {
    if (c != '.') {
      digits += c;
    }
  }
  digits.erase(0, digits.find_first_not_of('0'));
  digits.erase(digits.find_last_not_of('0') + 1);
  RC_ASSERT(digits.size() <= 17U);
  if (digits.size() > 1) {
    char shorter[64];
    std::snprintf(shorter, sizeof shorter, "%.*e", static_cast<int>(digits.size()) - 2, value);
    RC_ASSERT(std::strtod(shorter, nullptr) != value);
  }
  RC_ASSERT((text.find('e') != std::string::npos) == (value >= 1e21 || value < 1e-6));
}

std::u16string to_utf16(std::string_view utf8) {
  std::u16string units;
  for (std::size_t at = 0; at < utf8.size();) {
    auto lead = static_cast<unsigned char>(utf8[at]);
    std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t code_point = size == 1 ? lead : lead & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
      code_point = code_point << 6 | (static_cast<unsigned char>(utf8[at + i]) & 0x3fU);
    }
    if (code_point >= 0x10000) {
      units += static_cast<char16_t>(0xd800 + ((code_point - 0x10000) >> 10));
      units += static_cast<char16_t>(0xdc00 + ((code_point - 0x10000) & 0x3ff));
    } else {
      units += static_cast<char16_t>(code_point);
    }
    at += size;
  }
  return units;
}

std::string any_name() {
  static const std::vector<char32_t> kCodePoints = {1,      'a',     'b',     0x7f,    0x80,
                                                    0x7ff,  0x800,   0xd7ff,  0xe000,  0xfb33,
                                                    0xffff, 0x10000, 0x1f602, 0x10ffff};
  std::string name;
  for (std::size_t left = *rc::gen::inRange<std::size_t>(0, 12); left > 0; --left) {
    append_utf8(name, *rc::gen::elementOf(kCodePoints));
  }
  return name;
}

RC_GTEST_PROP(Utf16LessProperty, AgreesWithComparingUtf16, ()) {
  std::string common = any_name();
  std::string a = common + any_name();
  std::string b = common + any_name();
  RC_ASSERT(utf16_less(a, b) == (to_utf16(a) < to_utf16(b)));
  RC_ASSERT(!utf16_less(a, a));
}

RC_GTEST_PROP(CanonicalJsonProperty, SortsMembersOfObjectsOfAnySize, ()) {
  std::map<std::u16string, std::string> sorted;
  std::string text = "{";
  auto count = *rc::gen::inRange<std::size_t>(0, 60);
  for (std::size_t i = 0; i < count; ++i) {
    std::string name = any_name() + std::to_string(i);
    text += (i == 0 ? "" : ",") + in_quotes(name) + ":" + std::to_string(i);
    sorted[to_utf16(name)] = in_quotes(name) + ":" + std::to_string(i);
  }
  std::string expected;
  for (const auto& [name, member] : sorted) {
    expected += (expected.empty() ? "" : ",") + member;
  }
  RC_ASSERT(canonical(text + "}") == "{" + expected + "}");
}

// One byte after the other, as the RFC says.
std::string naively_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    constexpr std::string_view kSpecial = "\b\t\n\f\r\"\\";
    constexpr std::string_view kLetters = "btnfr\"\\";
    if (auto at = kSpecial.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

RC_GTEST_PROP(CanonicalStringProperty, EscapesAsTheNaiveWriter, ()) {
  static const std::string kRare = "\"\\\n\x01\x1f \x7f!#[]\x80\xff";
  auto size = *rc::gen::weightedOneOf<std::size_t>(
      {{8, rc::gen::inRange<std::size_t>(0, 50)}, {1, rc::gen::inRange<std::size_t>(0, 5000)}});
  std::string text(size, 'x');
  for (std::size_t left = *rc::gen::inRange<std::size_t>(0, 5); left > 0 && size > 0; --left) {
    text[*rc::gen::inRange<std::size_t>(0, size)] = *rc::gen::elementOf(kRare);
  }
  RC_ASSERT(in_quotes(text) == naively_quoted(text));

  std::string room(canonical_string_bytes_max(text.size()), '?');
  room.resize(static_cast<std::size_t>(write_canonical_string(room.data(), text) - room.data()));
  RC_ASSERT(room == naively_quoted(text));
}

RC_GTEST_PROP(CanonicalJsonProperty, IsAFixedPoint, ()) {
  auto numbers = *rc::gen::container<std::vector<double>>(any_finite());
  std::string text = "[";
  for (double value : numbers) {
    text += (text.size() > 1 ? "," : "") + number(value);
  }
  text += "]";
  std::string once = canonical(text);
  if (!once.starts_with("refused: integer out of range")) {
    RC_ASSERT(once == text);
    RC_ASSERT(canonical(once) == once);
  }
}

}  // namespace
}  // namespace piperoll::base
