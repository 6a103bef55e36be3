#include "event/canonical_scan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::event {
namespace {

using base::JsonKind;
using base::JsonValue;
using Strings = std::vector<std::string>;

// The rule of FieldRef, on a tree: at each level the shorter name first.
std::optional<JsonValue> find_in_tree(const JsonValue& object, std::string_view path) {
  for (std::size_t end = path.find('.'); true; end = path.find('.', end + 1)) {
    std::string_view name = path.substr(0, end);
    JsonValue value;
    if (object.find(name, value)) {
      if (end == std::string_view::npos) {
        return value;
      }
      if (value.is(JsonKind::Object)) {
        if (auto found = find_in_tree(value, path.substr(end + 1))) {
          return found;
        }
      }
    }
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
  }
}

void strings_in_tree(const JsonValue& value, Strings& out) {
  if (value.is(JsonKind::String)) {
    out.emplace_back(value.as_string());
  } else if (value.is(JsonKind::Array)) {
    for (const JsonValue& element : value.elements()) {
      strings_in_tree(element, out);
    }
  } else if (value.is(JsonKind::Object)) {
    for (const base::JsonMember& member : value.members()) {
      strings_in_tree(member.value, out);
    }
  }
}

std::size_t depth_in_tree(const JsonValue& value) {
  std::size_t deepest = 0;
  if (value.is(JsonKind::Array)) {
    for (const JsonValue& element : value.elements()) {
      deepest = std::max(deepest, depth_in_tree(element));
    }
  } else if (value.is(JsonKind::Object)) {
    for (const base::JsonMember& member : value.members()) {
      deepest = std::max(deepest, depth_in_tree(member.value));
    }
  } else {
    return 0;
  }
  return deepest + 1;
}

// A path of the names that objects are made of, so that it often leads somewhere.
rc::Gen<std::string> arbitrary_path() {
  return rc::gen::exec([] {
    std::string path = *arbitrary::member_name();
    for (int more = *rc::gen::inRange(0, 3); more > 0; --more) {
      path += "." + *arbitrary::member_name();
    }
    return path;
  });
}

RC_GTEST_PROP(FindPath, AgreesWithTheTree, ()) {
  std::string text = *rc::gen::suchThat(arbitrary::object(),
                                        [](const std::string& object) { return !object.empty(); });
  base::JsonParser parser;
  JsonValue tree = parser.parse(text).value();
  for (int i = 0; i < 20; ++i) {
    std::string path = *arbitrary_path();
    auto found = find_path(text, path);
    auto expected = find_in_tree(tree, path);
    RC_ASSERT(found.has_value() == expected.has_value());
    if (expected) {
      std::string canonical;
      base::append_canonical(canonical, *expected);
      RC_ASSERT(*found == canonical);
      std::string room;
      std::string_view shown = value_text(*found, room);
      RC_ASSERT(shown == (expected->is(JsonKind::String) ? expected->as_string() : canonical));
    }
  }
}

RC_GTEST_PROP(MemberCursor, MeetsEveryMemberOnce, ()) {
  std::string text = *arbitrary::object();
  RC_PRE(!text.empty());
  base::JsonParser parser;
  auto expected = parser.parse(text)->members().list();
  std::size_t count = 0;
  std::string room;
  for (MemberCursor members(text); members.next(); ++count) {
    RC_ASSERT(count < expected.size());
    RC_ASSERT(unescaped(members.raw_name(), room) == expected[count].name);
    std::string canonical;
    base::append_canonical(canonical, expected[count].value);
    RC_ASSERT(members.value() == canonical);
  }
  RC_ASSERT(count == expected.size());
}

RC_GTEST_PROP(StringValues, AgreeWithTheTree, ()) {
  std::string text = *arbitrary::object();
  RC_PRE(!text.empty());
  base::JsonParser parser;
  Strings expected;
  strings_in_tree(parser.parse(text).value(), expected);
  Strings found;
  append_string_values(found, text);
  RC_ASSERT(found == expected);
}

RC_GTEST_PROP(Depth, AgreesWithTheTree, ()) {
  std::string text = *arbitrary::object();
  RC_PRE(!text.empty());
  base::JsonParser parser;
  RC_ASSERT(depth_of(text) == depth_in_tree(parser.parse(text).value()));
}

RC_GTEST_PROP(Depth, IsNeverAboveItsBound, ()) {
  std::string text = *arbitrary::object();
  text += *rc::gen::container<std::string>(rc::gen::elementOf(std::string("[{\\|zZ]}\x5c")));
  auto brackets = static_cast<std::size_t>(std::count(text.begin(), text.end(), '{') +
                                           std::count(text.begin(), text.end(), '['));
  RC_ASSERT(depth_bound(text) >= brackets);
  RC_ASSERT(depth_of(text).value_or(0) <= depth_bound(text));
}

TEST(Depth, HasAnExactBoundWithoutOddNeighbours) {
  for (std::size_t size : {0U, 1U, 7U, 8U, 9U, 2039U, 2040U, 2041U, 5000U}) {
    EXPECT_EQ(depth_bound(std::string(size, '{')), size);
    EXPECT_EQ(depth_bound(std::string(size, '[')), size);
    EXPECT_EQ(depth_bound(std::string(size, 'a')), 0U);
    EXPECT_EQ(depth_bound(std::string(size, '}')), 0U);
    EXPECT_EQ(depth_bound(std::string(size, '\xfb')), 0U);
  }
}

// Most of what the text is made of, so that it is nearly JSON.
RC_GTEST_PROP(Scan, StaysInsideAnyText, ()) {
  auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("{}[]\":,\\u00a1bn.e-tfnull ")));
  // A heap block of just this size, so that a sanitizer sees every step outside.
  std::vector<char> block(text.begin(), text.end());
  std::string_view view(block.data(), block.size());
  Strings strings;
  append_string_values(strings, view);
  depth_of(view);
  for (std::string_view path : {"a", "b.a", "", "."}) {
    if (auto found = find_path(view, path)) {
      RC_ASSERT(found->data() >= view.data());
      RC_ASSERT(found->data() + found->size() <= view.data() + view.size());
    }
  }
}

TEST(FindPath, TakesTheShortestNameThatLeadsToSomething) {
  struct Case {
    std::string_view object, path, value;  // no value: nothing found
  };
  const Case cases[] = {
      {R"({"a":{"b":1},"a.b":2})", "a.b", "1"},
      {R"({"a":{"c":1},"a.b":2})", "a.b", "2"},
      {R"({"a":1,"a.b":2})", "a.b", "2"},
      {R"({"a":[{"b":1}],"a.b":2})", "a.b", "2"},
      {R"({"a":{"b.c":1,"b":{"d":1}},"a.b":{"c":2}})", "a.b.c", "1"},
      {R"({"a":{"b":{"d":1}},"a.b":{"c":2},"a.b.c":3})", "a.b.c", "2"},
      {R"({"a":null})", "a", "null"},
      {R"({"a":{}})", "a", "{}"},
      {R"({"a":{"b":1}})", "a", R"({"b":1})"},
      {R"({"a":[1,2]})", "a", "[1,2]"},
      {R"({"a":[1,2]})", "a.0", ""},
      {R"({"ab":1})", "a", ""},
      {R"({"a":1})", "ab", ""},
      {R"({"a":1})", "a.b", ""},
      {R"({"":{"":1}})", ".", "1"},
      {R"({"":1})", "", "1"},
      {R"({"a":{"":1}})", "a.", "1"},
      {R"({"q\"":{"\n":"x"}})", "q\".\n", R"("x")"},
      {R"({"a":"}","b":"{\"","c":"\\","d":1})", "d", "1"},
      {R"({"a":1,"b":-2.5e-7,"c":true})", "b", "-2.5e-7"},
      {"{}", "a", ""},
      {"", "a", ""},
  };
  for (const Case& c : cases) {
    auto found = find_path(c.object, c.path);
    EXPECT_EQ(found.value_or(""), c.value) << c.object << " " << c.path;
    EXPECT_EQ(found.has_value(), !c.value.empty()) << c.object << " " << c.path;
  }
}

TEST(Unescaped, KnowsEveryEscapeOfCanonicalJson) {
  for (int c = 1; c < 0x80; ++c) {
    std::string text = "x" + std::string(1, static_cast<char>(c)) + "y";
    std::string json;
    base::append_canonical_string(json, text);
    std::string room;
    EXPECT_EQ(value_text(json, room), text) << c;
  }
}

TEST(Unescaped, CopiesNothingWithoutAnEscape) {
  std::string_view raw = "plain \xc3\xa9";
  std::string room = "untouched";

  EXPECT_EQ(unescaped(raw, room).data(), raw.data());
  EXPECT_EQ(room, "untouched");
}

TEST(Depth, IsNothingWhereBracketsDoNotMatch) {
  for (std::string_view text : {"{", "}", "]}", "{\"a}", "{}}", "\"", "[[]"}) {
    EXPECT_EQ(depth_of(text), std::nullopt) << text;
  }
  EXPECT_EQ(depth_of("1"), 0U);
  EXPECT_EQ(depth_of("{}"), 1U);
  EXPECT_EQ(depth_of(R"({"a":[{},[[]]],"b":"[[[[["})"), 4U);
}

}  // namespace
}  // namespace piperoll::event
