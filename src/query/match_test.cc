#include "query/match.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/testing/event_arbitrary.h"
#include "query/testing/query_arbitrary.h"
#include "query/testing/records.h"

namespace piperoll::query {
namespace {

using event::Field;
using testing::kRecordedAt;
using testing::record_of;

event::FieldRef ref(const char* name) {
  return event::parse_field_ref(name).value();
}

// One event with something in most members.
event::Event example() {
  event::Event event = event::make_event("user.create");
  event.id = "evt-1";
  event.occurred_at = base::Timestamp{kRecordedAt - 5'000'000};
  event.source = "";
  event.summary = "Created \xc3\x9cmit's account";
  event.severity = event::Severity::High;
  event.actor = {.id = "u-7", .type = {}, .name = "Alice", .email = "Alice@Acme.example"};
  event.request.ip = "2001:db8::1";
  event.request.status_code = 404;
  event.metadata = R"({"a":{"b":1},"a.c":"dotted","flag":true,"gone":null,"list":[1,"Two"],)"
                   R"("n":10,"plan":"Pro"})";
  return event;
}

bool matches(const Filter& filter) {
  static const event::Record record = record_of(example(), 3);
  return match(filter, event::view_of(record));
}

struct Case {
  Filter filter;
  bool expected;
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(matches(one.filter), one.expected) << print(one.filter);
  }
}

TEST(Match, ComparesTextsExactly) {
  expect_all({
      {equal(ref("action"), "user.create"), true},
      {equal(ref("action"), "User.create"), false},
      {equal(ref("action"), "user"), false},
      {equal(ref("severity"), "high"), true},
      {equal(ref("status"), "success"), true},
      {equal(ref("request.status_code"), "404"), true},
      {equal(ref("request.status_code"), "0404"), false},
      {equal(ref("seq"), "3"), true},
      {equal(ref("occurred_at"), "2025-12-31T23:59:55.000000Z"), true},
      {in(ref("action"), {"x", "user.create"}), true},
      {in(ref("action"), {"x"}), false},
      {in(ref("action"), {}), false},
      {prefix(ref("action"), "user."), true},
      {prefix(ref("action"), "User."), false},
      {prefix(ref("action"), ""), true},
      {prefix(ref("action"), "user.create.more"), false},
  });
}

TEST(Match, AnEmptyTextIsPresentAndAnAbsentOneIsNot) {
  expect_all({
      {equal(ref("source"), ""), true},
      {exists(ref("source")), true},
      {contains(ref("source"), ""), true},
      {prefix(ref("source"), ""), true},
      {equal(ref("actor.type"), ""), false},
      {exists(ref("actor.type")), false},
      {contains(ref("actor.type"), ""), false},
      {prefix(ref("actor.type"), ""), false},
      {in(ref("actor.type"), {""}), false},
  });
}

TEST(Match, NegationHoldsWhereTheFieldIsAbsent) {
  expect_all({
      {negate(equal(ref("actor.type"), "user")), true},
      {negate(contains(ref("actor.type"), "u")), true},
      {negate(equal(ref("action"), "user.create")), false},
      {negate(exists(ref("error"))), true},
      {negate(range(Field::RequestStatusCode, 500, 599)), true},
  });
}

TEST(Match, SearchesWithoutRegardToCase) {
  expect_all({
      {contains(ref("actor.email"), "ACME"), true},
      {contains(ref("actor.email"), "acme.org"), false},
      {contains(ref("summary"), "\xc3\xbcmit"), true},
      {contains(ref("request.status_code"), "40"), true},
      {contains(ref("seq"), "3"), true},
      {seq_contains("4", 1), true},
      {seq_contains("3", 1), false},
      {seq_contains("3", 0), true},
  });
}

TEST(Match, ComparesValuesThatAreNotStringsByTheirJsonText) {
  expect_all({
      {equal(ref("metadata.plan"), "Pro"), true},
      {equal(ref("metadata.n"), "10"), true},
      {equal(ref("metadata.flag"), "true"), true},
      {equal(ref("metadata.gone"), "null"), true},
      {exists(ref("metadata.gone")), true},
      {equal(ref("metadata.a"), R"({"b":1})"), true},
      {equal(ref("metadata.a.b"), "1"), true},
      {equal(ref("metadata.a.c"), "dotted"), true},
      {equal(ref("metadata.list"), R"([1,"Two"])"), true},
      {contains(ref("metadata.list"), "two"), true},
      {exists(ref("metadata.list.0")), false},
      {exists(ref("metadata.none")), false},
      {exists(ref("params.plan")), false},
  });
}

TEST(Match, RangesIncludeBothEnds) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  expect_all({
      {range(Field::RequestStatusCode, 404, 404), true},
      {range(Field::RequestStatusCode, 405, 599), false},
      {range(Field::RequestStatusCode, kMin, kMax), true},
      {range(Field::Seq, 0, 2), false},
      {range(Field::Seq, 3, kMax), true},
      {range(Field::OccurredAt, kMin, kRecordedAt - 5'000'000), true},
      {range(Field::OccurredAt, kRecordedAt - 4'999'999, kMax), false},
      {range(Field::RecordedAt, kRecordedAt + 3, kRecordedAt + 3), true},
      {range(Field::Action, kMin, kMax), false},
  });
}

TEST(Match, AnAbsentOccurredAtIsTheTimeOfRecording) {
  const event::Record record = record_of(event::make_event("x"), 0);
  EXPECT_TRUE(match(range(Field::OccurredAt, kRecordedAt, kRecordedAt), event::view_of(record)));
}

TEST(Match, FindsEveryWordInSomeText) {
  expect_all({
      {words("alice CREATED"), true},
      {words("ali reat"), true},
      {words("alice bob"), false},
      {words("two"), true},     // inside an array
      {words("dotted"), true},  // a value
      {words("flag"), false},   // a name
      {words("10"), false},     // a number is no text
      {words("\xc3\x9cMIT"), true},
      {words(""), true},
  });
}

TEST(Match, CombinesAsLogicDoes) {
  const Filter yes = all();
  const Filter no = any_of({});
  expect_all({
      {all_of({}), true},
      {any_of({}), false},
      {all_of({yes, no}), false},
      {any_of({no, yes}), true},
      {negate(no), true},
      {negate(negate(yes)), true},
      {all_of({yes, any_of({no, all_of({yes, negate(no)})})}), true},
  });
}

// ---- Order.

std::vector<event::Record> records_with_sources(
    const std::vector<std::optional<std::string>>& sources) {
  std::vector<event::Record> records;
  for (const auto& source : sources) {
    event::Event event = event::make_event("x");
    event.source = source;
    records.push_back(record_of(event, records.size()));
  }
  return records;
}

std::string order(const std::vector<event::Record>& records, const Sort& sort) {
  std::vector<const event::Record*> sorted;
  for (const event::Record& record : records) {
    sorted.push_back(&record);
  }
  std::sort(sorted.begin(), sorted.end(), [&](const event::Record* a, const event::Record* b) {
    return compare(sort, event::view_of(*a), event::view_of(*b)) < 0;
  });
  std::string seqs;
  for (const event::Record* record : sorted) {
    seqs += std::to_string(record->seq());
  }
  return seqs;
}

TEST(Compare, PutsAbsentTextsLastWhenAscendingAndFirstWhenDescending) {
  const auto records = records_with_sources({"b", std::nullopt, "", "a", std::nullopt});
  EXPECT_EQ(order(records, {{Field::Source, false, Absent::Highest}}), "23014");
  EXPECT_EQ(order(records, {{Field::Source, true, Absent::Highest}}), "41032");
}

TEST(Compare, TakesAbsentTextsForEmptyOnesWhenAskedTo) {
  const auto records = records_with_sources({"b", std::nullopt, "", "a", std::nullopt});
  EXPECT_EQ(order(records, {{Field::Source, false, Absent::Lowest}}), "12430");
  EXPECT_EQ(order(records, {{Field::Source, true, Absent::Lowest}}), "03421");
}

TEST(Compare, OrdersTextsByCodePointAndNumbersByValue) {
  const auto texts =
      records_with_sources({"\xf0\x9f\x98\x80", "\xef\xbf\xbd", "z", "Z", "10", "9"});
  EXPECT_EQ(order(texts, {{Field::Source, false}}), "453210");

  std::vector<event::Record> numbers;
  for (const std::optional<std::uint16_t> code :
       {std::optional<std::uint16_t>(500), std::optional<std::uint16_t>(),
        std::optional<std::uint16_t>(100)}) {
    event::Event event = event::make_event("x");
    event.request.status_code = code;
    numbers.push_back(record_of(event, numbers.size()));
  }
  EXPECT_EQ(order(numbers, {{Field::RequestStatusCode, false, Absent::Highest}}), "201");
  EXPECT_EQ(order(numbers, {{Field::RequestStatusCode, false, Absent::Lowest}}), "120");
  EXPECT_EQ(order(numbers, {{Field::RequestStatusCode, true, Absent::Lowest}}), "021");
}

TEST(Compare, BreaksTiesBySeqInTheDirectionOfTheFirstTerm) {
  const auto records = records_with_sources({"a", "a", "b", "b"});
  EXPECT_EQ(order(records, {{Field::Source, true}}), "3210");
  EXPECT_EQ(order(records, {{Field::Source, false}}), "0123");
  EXPECT_EQ(order(records, {{Field::Action, true}, {Field::Source, false}}), "1032");
  EXPECT_EQ(order(records, {{Field::Action, false}, {Field::Source, true}}), "2301");
}

RC_GTEST_PROP(Compare, IsATotalOrder, ()) {
  std::vector<event::Record> records;
  for (std::uint64_t seq = 0; seq < 4; ++seq) {
    records.push_back(record_of(*event::arbitrary_event(), seq));
  }
  const Sort sort = *arbitrary_sort();
  const auto order_of = [&](std::size_t a, std::size_t b) {
    return compare(sort, event::view_of(records[a]), event::view_of(records[b]));
  };
  for (std::size_t a = 0; a < records.size(); ++a) {
    for (std::size_t b = 0; b < records.size(); ++b) {
      RC_ASSERT((order_of(a, b) == 0) == (a == b));
      RC_ASSERT((order_of(a, b) < 0) == (order_of(b, a) > 0));
      for (std::size_t c = 0; c < records.size(); ++c) {
        RC_ASSERT(!(order_of(a, b) < 0 && order_of(b, c) < 0) || order_of(a, c) < 0);
      }
    }
  }
}

}  // namespace
}  // namespace piperoll::query
