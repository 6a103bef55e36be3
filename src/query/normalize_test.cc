#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/testing/event_arbitrary.h"
#include "query/filter.h"
#include "query/match.h"
#include "query/testing/query_arbitrary.h"
#include "query/testing/records.h"

namespace piperoll::query {
namespace {

using event::Field;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

event::FieldRef ref(const char* name) {
  return event::parse_field_ref(name).value();
}
Filter eq(const char* field, const char* text) {
  return equal(ref(field), text);
}
Filter none() {
  return any_of({});
}

struct Case {
  Filter before;
  const char* after;
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(print(normalize(one.before)), one.after) << "of " << print(one.before);
  }
}

TEST(Normalize, FoldsConstants) {
  expect_all({
      {all_of({}), "(all)"},
      {any_of({}), "(or)"},
      {all_of({all(), all()}), "(all)"},
      {all_of({eq("action", "a"), none()}), "(or)"},
      {any_of({eq("action", "a"), all()}), "(all)"},
      {any_of({eq("action", "a"), none()}), R"((= action "a"))"},
      {negate(all()), "(or)"},
      {negate(none()), "(all)"},
      {negate(all_of({all(), negate(none())})), "(or)"},
  });
}

TEST(Normalize, JoinsNestedBranches) {
  expect_all({
      {all_of({all_of({eq("id", "1"), all_of({eq("action", "a")})}), eq("source", "s")}),
       R"((and (= action "a") (= id "1") (= source "s")))"},
      {any_of({any_of({exists(ref("error"))}), exists(ref("source"))}),
       "(or (exists error) (exists source))"},
      {all_of({eq("action", "a")}), R"((= action "a"))"},
      {negate(negate(eq("action", "a"))), R"((= action "a"))"},
      {negate(negate(negate(eq("action", "a")))), R"((not (= action "a")))"},
  });
}

TEST(Normalize, SortsChildrenAndMakesThemUnique) {
  expect_all({
      {all_of({exists(ref("source")), exists(ref("error")), exists(ref("source"))}),
       "(and (exists error) (exists source))"},
      {any_of({exists(ref("source")), exists(ref("source"))}), "(exists source)"},
  });
}

TEST(Normalize, MergesSetsOfTextsOfOneField) {
  expect_all({
      {in(ref("action"), {"b", "a", "b"}), R"((in action "a" "b"))"},
      {in(ref("action"), {"a", "a"}), R"((= action "a"))"},
      {in(ref("action"), {}), "(or)"},
      {any_of({eq("action", "b"), eq("id", "1"), in(ref("action"), {"a", "c"})}),
       R"((or (= id "1") (in action "a" "b" "c")))"},
      {all_of({in(ref("action"), {"a", "b", "c"}), in(ref("action"), {"c", "b", "d"})}),
       R"((in action "b" "c"))"},
      {all_of({eq("action", "a"), eq("action", "b")}), "(or)"},
      {all_of({eq("metadata.a", "a"), eq("metadata.b", "b")}),
       R"((and (= metadata.a "a") (= metadata.b "b")))"},
  });
}

TEST(Normalize, MergesRangesOfOneFieldUnderAnd) {
  expect_all({
      {all_of({range(Field::Seq, 1, 9), range(Field::Seq, 5, kMax), range(Field::Seq, kMin, 7)}),
       "(range seq 5 7)"},
      {all_of({range(Field::Seq, 1, 3), range(Field::Seq, 5, 9)}), "(or)"},
      {any_of({range(Field::Seq, 1, 3), range(Field::Seq, 2, 9)}),
       "(or (range seq 1 3) (range seq 2 9))"},
      {range(Field::Seq, 3, 2), "(or)"},
      {range(Field::Action, 0, 9), "(or)"},
      {range(Field::Seq, kMin, kMax), "(all)"},
      {range(Field::RequestStatusCode, kMin, kMax), "(exists request.status_code)"},
  });
}

TEST(Normalize, LeavesOutWordsThatOthersHold) {
  expect_all({
      {words("abc b abc x"), R"((words "abc" "x"))"},
      {all_of({words("ab"), words("abc"), words("x")}), R"((words "abc" "x"))"},
      {words(""), "(all)"},
      {any_of({words("a"), words("b")}), R"((or (words "a") (words "b")))"},
  });
}

TEST(Normalize, KnowsWhatEveryRecordHas) {
  expect_all({
      {exists(ref("action")), "(all)"},
      {exists(ref("occurred_at")), "(all)"},
      {exists(ref("source")), "(exists source)"},
      {contains(ref("source"), ""), "(exists source)"},
      {prefix(ref("category"), ""), "(all)"},
  });
}

TEST(Normalize, SeesThatAFilterAndItsNegationExcludeEachOther) {
  expect_all({
      {all_of({exists(ref("source")), negate(exists(ref("source"))), eq("id", "1")}), "(or)"},
      {any_of({exists(ref("source")), negate(exists(ref("source"))), eq("id", "1")}), "(all)"},
  });
}

// ---- Properties over random records and filters.

struct Records {
  std::vector<event::Record> records;
  std::vector<event::RecordView> views;
  VocabularyPointer vocabulary;
};

const Records& random_records() {
  static const Records made = [] {
    constexpr std::uint64_t kCount = 80;
    Records all;
    const rc::Gen<event::Event> generator = event::arbitrary_event();
    for (std::uint64_t seq = 0; seq < kCount; ++seq) {
      event::Event event = generator(rc::Random(seq), rc::kNominalSize).value();
      all.records.push_back(testing::record_of(std::move(event), seq));
    }
    for (const event::Record& record : all.records) {
      all.views.push_back(event::view_of(record));
    }
    all.vocabulary = vocabulary_of(all.views, kCount);
    return all;
  }();
  return made;
}

RC_GTEST_PROP(Normalize, NeverChangesWhatMatches, ()) {
  const Records& records = random_records();
  for (int i = 0; i < 10; ++i) {
    const Filter filter = *arbitrary_filter(records.vocabulary, 4);
    const Filter simpler = normalize(filter);
    for (const event::RecordView& record : records.views) {
      if (match(filter, record) != match(simpler, record)) {
        RC_FAIL("record " + std::to_string(record.seq()) + ": " + print(simpler));
      }
    }
  }
}

RC_GTEST_PROP(Normalize, ChangesNothingTheSecondTime, ()) {
  const Filter once = normalize(*arbitrary_filter(random_records().vocabulary, 4));
  RC_ASSERT(normalize(once) == once);
}

RC_GTEST_PROP(Normalize, DoesNotDependOnTheOrderOfChildren, ()) {
  const VocabularyPointer& vocabulary = random_records().vocabulary;
  std::vector<Filter> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(*arbitrary_filter(vocabulary, 1));
  }
  const Filter one = all_of(children);
  const Filter other = all_of({children[2], children[0], all_of({children[3], children[1]})});
  RC_ASSERT(print(normalize(one)) == print(normalize(other)));
  RC_ASSERT(
      print(normalize(any_of(children))) ==
      print(normalize(any_of({children[3], any_of({children[1]}), children[0], children[2]}))));
}

// Half of the random filters should say yes to some records and no to others, or the properties
// above show little.
TEST(ArbitraryFilter, TellsRecordsApart) {
  const Records& records = random_records();
  const rc::Gen<Filter> generator = arbitrary_filter(records.vocabulary);
  constexpr std::uint64_t kCount = 500;
  std::uint64_t telling = 0;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const Filter filter = generator(rc::Random(i), rc::kNominalSize).value();
    std::size_t matching = 0;
    for (const event::RecordView& record : records.views) {
      matching += match(filter, record) ? 1U : 0U;
    }
    telling += matching > 0 && matching < records.views.size() ? 1U : 0U;
  }
  EXPECT_GT(telling, kCount / 2);
}

}  // namespace
}  // namespace piperoll::query
