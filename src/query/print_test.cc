#include <map>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/testing/event_arbitrary.h"
#include "query/filter.h"
#include "query/testing/query_arbitrary.h"
#include "query/testing/records.h"

namespace piperoll::query {
namespace {

using event::Field;

event::FieldRef ref(const char* name) {
  return event::parse_field_ref(name).value();
}

TEST(Print, ShowsEveryKind) {
  EXPECT_EQ(print(all()), "(all)");
  EXPECT_EQ(print(any_of({})), "(or)");
  EXPECT_EQ(print(all_of({equal(ref("action"), "user.create"), negate(exists(ref("actor.id")))})),
            R"((and (= action "user.create") (not (exists actor.id))))");
  EXPECT_EQ(print(in(ref("status"), {"failure", "intent"})), R"((in status "failure" "intent"))");
  EXPECT_EQ(print(contains(ref("metadata.a.b"), "X")), R"((contains metadata.a.b "x"))");
  EXPECT_EQ(print(seq_contains("1", 1)), R"((contains seq +1 "1"))");
  EXPECT_EQ(print(prefix(ref("id"), "e")), R"((prefix id "e"))");
  EXPECT_EQ(print(range(Field::Seq, std::numeric_limits<std::int64_t>::min(), 7)),
            "(range seq * 7)");
  EXPECT_EQ(print(words("b a")), R"((words "b" "a"))");
}

TEST(Print, KeepsTextsAndPathsApartFromItsOwnSyntax) {
  EXPECT_EQ(print(equal(ref("action"), "a\" \"b\\\n\x7f")),
            "(= action \"a\\\" \\\"b\\\\\\x0a\x7f\")");
  EXPECT_EQ(print(exists({Field::Metadata, "a) (b"})), R"((exists "metadata.a) (b"))");
  EXPECT_NE(print(in(ref("action"), {"a\" \"b"})), print(in(ref("action"), {"a", "b"})));
  EXPECT_NE(print(in(ref("action"), {})), print(in(ref("action"), {""})));
  EXPECT_NE(print(equal({Field::Metadata, "x \"y\""}, "z")),
            print(equal({Field::Metadata, "x"}, "y\" \"z")));
}

TEST(Print, ShowsSorts) {
  EXPECT_EQ(print(newest_first()), "-occurred_at");
  EXPECT_EQ(print(Sort{{Field::OccurredAt, true}, {Field::ActorName, false, Absent::Lowest}}),
            "-occurred_at,actor.name:absent-lowest");
}

// Few values, so that equal filters come up often.
VocabularyPointer small_vocabulary() {
  auto vocabulary = std::make_shared<Vocabulary>();
  const std::vector<std::string> texts = {"a", "", "\"", "\\", "a\" \"b", ") (", "\n", "\\x0a"};
  for (const char* name : {"action", "metadata.a", "metadata.a b", "metadata.\"", "params.a"}) {
    vocabulary->entries.push_back({ref(name), texts});
  }
  while (vocabulary->entries.size() < static_cast<std::size_t>(Field::Context)) {
    vocabulary->entries.push_back({ref("status"), texts});
  }
  vocabulary->texts = texts;
  vocabulary->numbers[Field::Seq] = {0, 1};
  vocabulary->size = 2;
  return vocabulary;
}

RC_GTEST_PROP(Print, GivesDifferentFiltersDifferentTexts, ()) {
  const VocabularyPointer vocabulary = small_vocabulary();
  std::map<std::string, Filter> seen;
  for (int i = 0; i < 40; ++i) {
    const Filter filter = *arbitrary_filter(vocabulary, 1);
    const auto [place, added] = seen.emplace(print(filter), filter);
    RC_ASSERT(place->second == filter);
  }
}

RC_GTEST_PROP(Print, GivesDifferentSortsDifferentTexts, ()) {
  std::map<std::string, Sort> seen;
  for (int i = 0; i < 40; ++i) {
    const Sort sort = *arbitrary_sort();
    const auto [place, added] = seen.emplace(print(sort), sort);
    RC_ASSERT(place->second == sort);
  }
}

}  // namespace
}  // namespace piperoll::query
