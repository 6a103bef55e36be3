#include "base/json.h"

#include <cmath>
#include <functional>
#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json_error.h"
#include "base/unicode.h"

namespace piperoll::base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "code pointer" of the refusal; "" when the text is accepted.
std::string refusal(std::string_view text, std::size_t depth_max = 16) {
  JsonParser parser;
  auto parsed = parser.parse(text, {.depth_max = depth_max});
  if (parsed) {
    return "";
  }
  EXPECT_EQ(parsed.error().kind, ErrorKind::InvalidArgument);
  EXPECT_EQ(parsed.error().faults.size(), 1U);
  return parsed.error().code + " " + parsed.error().faults.at(0).pointer;
}

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

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(JsonParser, ReadsEveryKind) {
  JsonParser parser;
  auto root = *parser.parse(
      R"({"null":null,"yes":true,"no":false,"int":-7,"double":1.5,"text":"a\nb","list":[1,"x"],"o":{}})");
  ASSERT_TRUE(root.is(JsonKind::Object));
  auto member = [&](std::string_view name) {
    JsonValue value;
    EXPECT_TRUE(root.find(name, value)) << name;
    return value;
  };
  EXPECT_TRUE(member("null").is(JsonKind::Null));
  EXPECT_TRUE(member("yes").as_bool());
  EXPECT_FALSE(member("no").as_bool());
  EXPECT_EQ(member("int").as_integer(), -7);
  EXPECT_EQ(member("int").as_double(), -7.0);
  EXPECT_EQ(member("double").as_double(), 1.5);
  EXPECT_EQ(member("text").as_string(), "a\nb");
  ASSERT_EQ(member("list").elements().size(), 2U);
  EXPECT_EQ(member("list").elements()[1].as_string(), "x");
  EXPECT_TRUE(member("o").members().empty());
  JsonValue absent;
  EXPECT_FALSE(root.find("nothing", absent));
}

TEST(JsonParser, KeepsMembersInTheOrderOfTheText) {
  JsonParser parser;
  auto root = *parser.parse(R"({"b":1,"a":{"z":[1,2]},"c":3})");

  std::vector<std::string> names;
  for (const auto& member : root.members()) {
    names.emplace_back(member.name);
  }

  EXPECT_THAT(names, ElementsAre("b", "a", "c"));
}

TEST(JsonParser, DefaultValueIsNull) {
  EXPECT_TRUE(JsonValue().is(JsonKind::Null));
}

TEST(JsonParser, AcceptsAnyValueOutermost) {
  EXPECT_EQ(refusal("null"), "");
  EXPECT_EQ(refusal(" 12 \n"), "");
  EXPECT_EQ(refusal("\"a\""), "");
  EXPECT_EQ(refusal("[]"), "");
}

TEST(JsonParser, RefusesWhatIsNotJson) {
  for (std::string_view text : {"",
                                " ",
                                "\n",
                                "{",
                                "[",
                                "\"",
                                "{]",
                                "[}",
                                "{}{}",
                                "{} x",
                                "[1,]",
                                "[,1]",
                                "{,}",
                                "{\"a\"}",
                                "{\"a\":}",
                                "{\"a\":1,}",
                                "{1:2}",
                                "{'a':1}",
                                "nul",
                                "nulll",
                                "[tru]",
                                "True",
                                "[01]",
                                "[-]",
                                "[1.]",
                                "[.5]",
                                "[+1]",
                                "[1e]",
                                "[1e+]",
                                "[0x1]",
                                "[NaN]",
                                "[Infinity]",
                                "[1 2]",
                                "\"\\x\"",
                                "\"\\u12g4\"",
                                "\"\\u12\"",
                                "\"\t\"",
                                "\"a\nb\"",
                                "// c\n1",
                                "[1]//",
                                "\xef\xbb\xbf{}",
                                "\"\xff\"",
                                "\"\xc0\xaf\"",
                                "\"\xed\xa0\x80\"",
                                "\"\xf4\x90\x80\x80\"",
                                "\"\xe2\x82\""}) {
    EXPECT_EQ(refusal(text), "malformed_json ") << text;
  }
}

TEST(JsonParser, RefusesBytesThatFollowTheTextInMemory) {
  // The view ends before what would make it whole.
  std::string_view whole = "[1,2]";
  EXPECT_EQ(refusal(whole.substr(0, 4)), "malformed_json ");
  EXPECT_EQ(refusal(std::string_view("\"a\\\"", 3)), "malformed_json ");
}

TEST(JsonParser, SaysWhereTheSyntaxBreaks) {
  JsonParser parser;
  auto detail = [&](std::string_view text) { return parser.parse(text).error().faults[0].detail; };

  EXPECT_EQ(detail(""), "a value expected at the end of the text");
  EXPECT_EQ(detail("{\"a\":1 \"b\":2}"), "a comma or } expected at offset 7");
  EXPECT_EQ(detail("[1 2]"), "a comma or ] expected at offset 3");
  EXPECT_EQ(detail("{\"a\" 1}"), "a colon expected at offset 5");
  EXPECT_EQ(detail("{} x"), "nothing more expected at offset 3");
  EXPECT_EQ(detail("[\"a\tb\"]"), "no unescaped control character expected at offset 3");
  EXPECT_EQ(detail("[\"\xc3\xa4\xff\"]"), "valid UTF-8 expected at offset 4");
  EXPECT_EQ(detail("[\"abc"), "a closing quote expected at the end of the text");
}

TEST(JsonParser, NamesTheDuplicateMember) {
  EXPECT_EQ(refusal(R"({"a":1,"a":1})"), "invalid_json /a");
  EXPECT_EQ(refusal(R"({"a":1,"\u0061":2})"), "invalid_json /a");
  EXPECT_EQ(refusal(R"({"":1,"":2})"), "invalid_json /");
  EXPECT_EQ(refusal(R"({"x":[0,{"longer name":1,"longer name":2}]})"),
            "invalid_json /x/1/longer name");
  EXPECT_EQ(refusal(R"({"a/b":{"m~n":1,"m~n":1}})"), "invalid_json /a~1b/m~0n");
  EXPECT_EQ(refusal(R"({"a":{"b":1},"c":{"b":1},"b":1})"), "");
  EXPECT_EQ(refusal(R"({"12345678":1,"123456789":1,"12345678a":1,"1234567":1})"), "");
}

TEST(JsonParser, FindsTheDuplicateAtEveryPlaceOfObjectsOfEverySize) {
  for (std::size_t size : {2U, 8U, 15U, 16U, 17U, 18U, 40U}) {
    for (std::size_t first = 0; first < size; ++first) {
      for (std::size_t second = first + 1; second < size; ++second) {
        std::string text = "{";
        for (std::size_t i = 0; i < size; ++i) {
          std::size_t name = i == second ? first : i;
          text += (i == 0 ? "" : ",") + ("\"name of member " + std::to_string(name)) +
                  "\":" + std::to_string(i);
        }
        ASSERT_EQ(refusal(text + "}"), "invalid_json /name of member " + std::to_string(first));
      }
    }
  }
}

TEST(JsonParser, RefusesNulCharacters) {
  EXPECT_EQ(refusal(R"({"a":["x","y\u0000z"]})"), "invalid_json /a/1");
  EXPECT_EQ(refusal(R"({"a":{"\u0000":1}})"), std::string("invalid_json /a/") + '\0');
  EXPECT_EQ(refusal(R"({"a":"\\u0000"})"), "");
  EXPECT_EQ(refusal(std::string("[\"\0\"]", 5)), "malformed_json ");
}

TEST(JsonParser, RefusesLoneSurrogates) {
  EXPECT_EQ(refusal(R"({"a":"\ud800"})"), "invalid_json /a");
  EXPECT_EQ(refusal(R"({"a":"\ud800x"})"), "invalid_json /a");
  EXPECT_EQ(refusal(R"(["\udc00"])"), "invalid_json /0");
  EXPECT_EQ(refusal(R"(["\ud800\ud800"])"), "invalid_json /0");
  EXPECT_EQ(refusal(R"(["\ud800\u0041"])"), "invalid_json /0");
  EXPECT_EQ(refusal(R"(["\ud83d\n"])"), "invalid_json /0");
  EXPECT_EQ(refusal(R"({"x":{"\udfff":1}})"), "invalid_json /x");
  EXPECT_EQ(canonical(R"(["\ud83d\ude02"])"), "[\"\xf0\x9f\x98\x82\"]");
}

TEST(JsonParser, RefusesIntegersBeyondTheExactOnes) {
  for (std::string_view good : {"9007199254740991", "-9007199254740991", "9007199254740991.0",
                                "9.007199254740991e15", "1e21", "-1e300", "1e15", "0.1e16"}) {
    EXPECT_EQ(refusal(good), "") << good;
  }
  for (std::string_view bad :
       {"9007199254740992", "-9007199254740992", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "-9223372036854775809", "100000000000000000000000000000", "9007199254740992.0", "1e16",
        "1e20", "-1.5e18", "999999999999999900000"}) {
    EXPECT_EQ(refusal(bad), "invalid_json ") << bad;
    EXPECT_EQ(refusal("{\"a\":[1," + std::string(bad) + "]}"), "invalid_json /a/1") << bad;
  }
}

TEST(JsonParser, RefusesNumbersBeyondTheDoubles) {
  EXPECT_EQ(refusal(R"({"a":1e400})"), "invalid_json /a");
  EXPECT_EQ(refusal(R"([-1.0e309])"), "invalid_json /0");
  EXPECT_EQ(refusal("[0.5,1" + std::string(400, '0') + ".0]"), "invalid_json /1");
  EXPECT_EQ(refusal("[1" + std::string(400, '0') + "e-399]"), "");
  EXPECT_EQ(refusal("[1.7976931348623157e308]"), "");
  EXPECT_EQ(refusal("[1.7976931348623159e308]"), "invalid_json /0");
  EXPECT_EQ(refusal("[0." + std::string(400, '0') + "1e9,2e400]"), "invalid_json /1");
  EXPECT_EQ(canonical("[1e-400,-1e-400,0e999999999999]"), "[0,0,0]");
}

TEST(JsonParser, TakesIntegersAsSuchHoweverTheyAreSpelled) {
  JsonParser parser;
  for (auto [text, value] :
       std::map<std::string, std::int64_t>{{"1.0", 1},
                                           {"1e3", 1000},
                                           {"-2.50e1", -25},
                                           {"-0", 0},
                                           {"-0.0", 0},
                                           {"10e-1", 1},
                                           {"9007199254740991.0", 9007199254740991}}) {
    auto parsed = *parser.parse(text);
    ASSERT_TRUE(parsed.is(JsonKind::Integer)) << text;
    EXPECT_EQ(parsed.as_integer(), value) << text;
  }
  EXPECT_TRUE(parser.parse("1e21")->is(JsonKind::Double));
  EXPECT_TRUE(parser.parse("1.25")->is(JsonKind::Double));
}

TEST(JsonParser, CountsLevelsOfNesting) {
  EXPECT_EQ(refusal(nested(16)), "");
  EXPECT_EQ(refusal(nested(17)), "invalid_json " + std::string("/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0"));
  EXPECT_EQ(refusal("7", 0), "");
  EXPECT_EQ(refusal("[]", 0), "invalid_json ");
  EXPECT_EQ(refusal(R"({"a":{"b":{}}})", 2), "invalid_json /a/b");
  EXPECT_EQ(refusal(R"({"a":{"b":"c"}})", 2), "");
}

TEST(JsonParser, BoundsNestingWhateverTheCallerAllows) {
  EXPECT_EQ(refusal(nested(kJsonDepthMax), kJsonDepthMax), "");
  EXPECT_NE(refusal(nested(kJsonDepthMax + 1), 1'000'000), "");
  EXPECT_NE(refusal(nested(500'000), 1'000'000), "");
  EXPECT_NE(refusal(std::string(500'000, '['), 1'000'000), "");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) {
    objects += "{\"a\":";
  }
  EXPECT_NE(refusal(objects, 1'000'000), "");
}

TEST(JsonParser, RefusesLongerTextsThanItsBuffersCanBe) {
  // Refused by its length: the bytes behind the view are not looked at.
  JsonParser parser;
  auto refused = parser.parse(std::string_view("[]", kJsonTextBytesMax + 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::TooLarge);
}

TEST(JsonParser, SaysWhatIsAllowed) {
  JsonParser parser;
  auto detail = [&](std::string_view text) { return parser.parse(text).error().faults[0].detail; };

  EXPECT_THAT(detail("[9007199254740992]"), HasSubstr("9007199254740991 is allowed"));
  EXPECT_THAT(detail(nested(17)), HasSubstr("at most 16 levels"));
  EXPECT_THAT(detail(R"(["\u0000"])"), HasSubstr("every character but U+0000 is allowed"));
}

TEST(JsonParser, IsReusable) {
  JsonParser parser;
  std::string large = "[" + std::string(3 << 20, ' ') + "1]";
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(parser.parse("{\"a\":1}")->members().empty());
    EXPECT_FALSE(parser.parse("{\"a\":"));
    EXPECT_FALSE(parser.parse("{\"a\":1,\"a\":1}"));
    EXPECT_EQ(parser.parse(large)->elements().size(), 1U);
    EXPECT_EQ(parser.parse("[1,2,3]")->elements().size(), 3U);
  }
  JsonParser moved = std::move(parser);
  EXPECT_EQ(moved.parse("[1]")->elements()[0].as_integer(), 1);
}

TEST(JsonParser, ReadsTextsOfEverySizeNearItsBuffersEnds) {
  JsonParser parser;
  for (std::size_t size : {4094U, 4095U, 4096U, 4097U, 8191U, 8192U, 8193U, 65536U}) {
    std::string text = "\"" + std::string(size - 2, 'x') + "\"";
    auto parsed = parser.parse(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->as_string().size(), size - 2);
  }
  for (std::size_t count = 1; count < 3000; count += 7) {  // the most words and strings for a size
    std::string text = "[\"\"";
    for (std::size_t i = 1; i < count; ++i) {
      text += ",\"\"";
    }
    ASSERT_EQ(parser.parse(text + "]")->elements().size(), count);
  }
}

TEST(JsonWriter, SetsCommas) {
  std::string out;
  JsonWriter writer(out);

  writer.begin_object()
      .key("a")
      .begin_array()
      .integer(-1)
      .unsigned_integer(18446744073709551615U)
      .begin_object()
      .end_object()
      .begin_array()
      .end_array()
      .null()
      .end_array()
      .member("b", "x\"y")
      .key("c")
      .boolean(true)
      .key("d")
      .boolean(false)
      .key("e")
      .raw("{\"z\":[1,2]}")
      .key("f")
      .string("\x1f/\x7f")
      .end_object();

  EXPECT_EQ(out, R"({"a":[-1,18446744073709551615,{},[],null],"b":"x\"y","c":true,"d":false,)"
                 R"("e":{"z":[1,2]},"f":"\u001f/)"
                 "\x7f\"}");
}

TEST(JsonWriter, AppendsAfterWhatIsThere) {
  std::string out = "data: ";
  JsonWriter(out).begin_array().string("a").string("b").end_array();
  EXPECT_EQ(out, R"(data: ["a","b"])");
}

TEST(PointerJoin, EscapesTildeAndSlash) {
  EXPECT_EQ(pointer_join("", "a"), "/a");
  EXPECT_EQ(pointer_join("/a", "b/c~d"), "/a/b~1c~0d");
  EXPECT_EQ(pointer_join("/a", ""), "/a/");
  EXPECT_EQ(pointer_join("", "~1"), "/~01");
}

// A JSON value as a tree, written and compared without the code under test.
struct Tree {
  JsonKind kind = JsonKind::Null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text = {};
  std::vector<Tree> elements = {};
  std::vector<std::pair<std::string, Tree>> members = {};
};

std::string any_text() {
  static const std::vector<std::string> kPieces = {"a",
                                                   "Z",
                                                   "0",
                                                   " ",
                                                   "/",
                                                   "~",
                                                   "\"",
                                                   "\\",
                                                   "\n",
                                                   "\x01",
                                                   "\x1f",
                                                   "\x7f",
                                                   "\xc3\xa4",
                                                   "\xe2\x82\xac",
                                                   "\xef\xac\xb3",
                                                   "\xf0\x9f\x98\x82",
                                                   "word of some length"};
  std::string text;
  for (std::size_t left = *rc::gen::inRange<std::size_t>(0, 8); left > 0; --left) {
    text += *rc::gen::elementOf(kPieces);
  }
  return text;
}

Tree any_tree(int depth) {
  Tree tree;
  tree.kind = static_cast<JsonKind>(*rc::gen::inRange(0, depth > 0 ? 7 : 5));
  if (tree.kind == JsonKind::Double) {
    tree.kind = JsonKind::Integer;  // doubles have tests of their own
  }
  tree.boolean = *rc::gen::arbitrary<bool>();
  tree.integer = *rc::gen::inRange<std::int64_t>(-kJsonIntegerMax, kJsonIntegerMax);
  tree.text = any_text();
  auto count =
      tree.kind == JsonKind::Array || tree.kind == JsonKind::Object
          ? *rc::gen::weightedOneOf<std::size_t>({{6, rc::gen::inRange<std::size_t>(0, 5)},
                                                  {1, rc::gen::inRange<std::size_t>(14, 40)}})
          : 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (tree.kind == JsonKind::Array) {
      tree.elements.push_back(any_tree(depth - 1));
    } else {
      tree.members.emplace_back(any_text() + std::to_string(i), any_tree(depth - 1));
    }
  }
  return tree;
}

std::string any_space() {
  return *rc::gen::weightedElement<std::string>({{8, ""}, {1, " "}, {1, "\r\n\t"}});
}

// Every character as itself where it may stand so, or as an escape.
std::string write_text(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    bool escape =
        byte < 0x20 || c == '"' || c == '\\' || (byte < 0x80 && *rc::gen::inRange(0, 10) == 0);
    if (escape) {
      char digits[8];
      std::snprintf(digits, sizeof digits, "\\u%04X", byte);
      out += digits;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string write_tree(const Tree& tree) {
  std::string out;
  auto separate = [&] { out += out.size() > 1 ? any_space() + "," + any_space() : any_space(); };
  switch (tree.kind) {
    case JsonKind::Null:
      return "null";
    case JsonKind::Boolean:
      return tree.boolean ? "true" : "false";
    case JsonKind::String:
      return write_text(tree.text);
    case JsonKind::Array:
      out = "[";
      for (const Tree& element : tree.elements) {
        separate();
        out += write_tree(element);
      }
      return out + any_space() + "]";
    case JsonKind::Object:
      out = "{";
      for (const auto& [name, value] : tree.members) {
        separate();
        out += write_text(name) + any_space() + ":" + any_space() + write_tree(value);
      }
      return out + any_space() + "}";
    default:
      return std::to_string(tree.integer) + (*rc::gen::inRange(0, 5) == 0 ? ".0" : "");
  }
}

void expect_same(const Tree& tree, const JsonValue& value) {
  RC_ASSERT(tree.kind == value.kind());
  if (tree.kind == JsonKind::Boolean) {
    RC_ASSERT(value.as_bool() == tree.boolean);
  } else if (tree.kind == JsonKind::Integer) {
    RC_ASSERT(value.as_integer() == tree.integer);
  } else if (tree.kind == JsonKind::String) {
    RC_ASSERT(value.as_string() == tree.text);
  } else if (tree.kind == JsonKind::Array) {
    auto elements = value.elements();
    RC_ASSERT(elements.size() == tree.elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
      expect_same(tree.elements[i], elements[i]);
    }
  } else if (tree.kind == JsonKind::Object) {
    std::vector<JsonMember> members = value.members().list();
    RC_ASSERT(members.size() == tree.members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      RC_ASSERT(members[i].name == tree.members[i].first);
      expect_same(tree.members[i].second, members[i].value);
      JsonValue found;
      RC_ASSERT(value.find(members[i].name, found));
      expect_same(tree.members[i].second, found);
    }
  }
}

RC_GTEST_PROP(JsonProperty, ReadsBackWhatWasWritten, ()) {
  Tree tree = any_tree(4);
  std::string text = any_space() + write_tree(tree) + any_space();
  JsonParser parser;
  auto parsed = parser.parse(text);
  RC_ASSERT(parsed.has_value());
  expect_same(tree, *parsed);
}

// The explainer is a second reading of the grammar, written without the parser: it must find a
// fault in exactly the texts that the parser and the walk behind it refuse.
RC_GTEST_PROP(JsonProperty, ParserAndExplainerRefuseTheSameTexts, ()) {
  static const std::string kBytes = "{}[]:,\"\\u0123456789dD8cCaAeE+-. \ttruefalsn\xc3\xa4\xf0\x9f";
  std::string text = write_tree(any_tree(3));
  for (int edits = *rc::gen::inRange(0, 4); edits > 0; --edits) {
    auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    auto removed = *rc::gen::inRange<std::size_t>(0, 3);
    auto added = *rc::gen::container<std::string>(rc::gen::elementOf(kBytes));
    text.replace(at, std::min(removed, text.size() - at), added.substr(0, 6));
  }
  JsonParser parser;
  auto parsed = parser.parse(text);

  Error explained = explain_json_error(text, 16);

  bool found_nothing = explained.faults[0].detail == "JSON expected at offset 0";
  bool our_rule = !parsed && parsed.error().code == "invalid_json";
  RC_CLASSIFY(parsed.has_value(), "accepted");
  RC_CLASSIFY(our_rule, "a rule of ours");
  if (parsed) {
    RC_ASSERT(found_nothing);
  } else if (!our_rule) {
    RC_ASSERT(!found_nothing);
    RC_ASSERT(explained == parsed.error());
  }
}

TEST(JsonMembersByName, AreTakenOnlyWhereTheyAreOfTheKindAskedFor) {
  JsonParser parser;
  const JsonValue value =
      parser.parse(R"({"text":"a","whole":3,"below":-1,"broken":1.5,"list":[1]})").value();

  EXPECT_EQ(value.text("text"), "a");
  EXPECT_EQ(value.text("whole"), "");
  EXPECT_EQ(value.text("absent"), "");
  EXPECT_EQ(value.unsigned_integer("whole"), 3U);
  for (const char* name : {"text", "below", "broken", "list", "absent"}) {
    EXPECT_EQ(value.unsigned_integer(name), std::nullopt) << name;
  }
  JsonValue list;
  ASSERT_TRUE(value.find("list", list));
  EXPECT_EQ(list.text("whole"), "");
  EXPECT_EQ(list.unsigned_integer("whole"), std::nullopt);
}

}  // namespace
}  // namespace piperoll::base
