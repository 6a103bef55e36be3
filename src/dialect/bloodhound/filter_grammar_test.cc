#include "dialect/bloodhound/filter_grammar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dialect/testing/service_reply.h"
#include "query/match.h"

namespace piperoll::dialect::bloodhound {
namespace {

using Found = std::optional<PredicateText>;

TEST(FindPredicate, IsLeftmostDirectlyBeforeAColon) {
  EXPECT_EQ(find_predicate("eq:foo"), (Found{{"eq", "foo"}}));
  EXPECT_EQ(find_predicate("~eq:a b"), (Found{{"~eq", "a b"}}));
  EXPECT_EQ(find_predicate("not eq:foo"), (Found{{"eq", "foo"}}));
  EXPECT_EQ(find_predicate("noteq:foo"), (Found{{"noteq", "foo"}}));
  EXPECT_EQ(find_predicate("12:30"), (Found{{"12", "30"}}));
  EXPECT_EQ(find_predicate(":eq:foo"), (Found{{"eq", "foo"}}));
  EXPECT_EQ(find_predicate("x-: eq:foo"), (Found{{"eq", "foo"}}));
  EXPECT_EQ(find_predicate("h\xc3\xa9:eq:x"), (Found{{"eq", "x"}}));
  EXPECT_EQ(find_predicate("a:eq:foo"), (Found{{"a", "eq:foo"}}));
}

TEST(FindPredicate, KeepsTheWholeValue) {
  EXPECT_EQ(find_predicate("eq:user+tag@x.com"), (Found{{"eq", "user+tag@x.com"}}));
  EXPECT_EQ(find_predicate("eq:O'Brien, \"x\""), (Found{{"eq", "O'Brien, \"x\""}}));
  EXPECT_EQ(find_predicate("eq:h\xc3\xa9llo"), (Found{{"eq", "h\xc3\xa9llo"}}));
  EXPECT_EQ(find_predicate("eq::"), (Found{{"eq", ":"}}));
  EXPECT_EQ(find_predicate("eq: "), (Found{{"eq", " "}}));
}

TEST(FindPredicate, IsNothingWithoutOneOrWithoutAValue) {
  for (std::string_view value : {"", "foo", "eq", "eq:", ":", "::", " :x", "h\xc3\xa9:x", "+:"}) {
    EXPECT_EQ(find_predicate(value), std::nullopt) << value;
  }
}

RC_GTEST_PROP(FindPredicate, GivesPiecesOfItsInput, (const std::string& text)) {
  auto found = find_predicate(text);
  if (found) {
    RC_ASSERT(!found->predicate.empty() && !found->value.empty());
    std::string joined = std::string(found->predicate) + ":" + std::string(found->value);
    RC_ASSERT(text.ends_with(joined));
  }
}

TEST(ColumnFilters, SkipWhatIsNoFilter) {
  auto filters = read_column_filters({{"after", "x:y"},
                                      {"before", "x:y"},
                                      {"limit", "x:y"},
                                      {"offset", "x:y"},
                                      {"skip", "x:y"},
                                      {"sort_by", "x:y"},
                                      {"scope", "x:y"},
                                      {"org", "x:y"},
                                      {"actor_name", "foo"},
                                      {"foo", "bar"},
                                      {"action", "eq:A"}});

  ASSERT_TRUE(filters.has_value());
  ASSERT_EQ(filters->size(), 1U);
  EXPECT_EQ(filters->front().column, "action");
}

std::string problem_of(const wire::Parameters& parameters) {
  auto filters = read_column_filters(parameters);
  if (!filters) {
    return filters.error().message;
  }
  auto built = build_filter(*filters);
  return built ? "" : built.error().message;
}

TEST(ColumnFilters, AreRefusedInBloodhoundsWords) {
  const std::string errors = "there are errors in the query parameter filters specified";
  EXPECT_EQ(problem_of({{"x", "12:30"}}), errors);
  EXPECT_EQ(problem_of({{"actor_name", "EQ:foo"}}), errors);
  EXPECT_EQ(problem_of({{"nope", "eq:1"}, {"x", "12:30"}}), errors) << "predicates come first";
  EXPECT_EQ(problem_of({{"created_at", "eq:yesterday"}}), errors);
  EXPECT_EQ(problem_of({{"created_at", "gte:2024-01-01"}}), errors);
  const std::string column = "the specified column cannot be filtered: ";
  EXPECT_EQ(problem_of({{"foo", "eq:1"}}), column + "foo");
  EXPECT_EQ(problem_of({{"commit_id", "eq:1"}}), column + "commit_id");
  EXPECT_EQ(problem_of({{"fields", "eq:1"}}), column + "fields");
  const std::string predicate = "the specified filter predicate is not supported for this column: ";
  EXPECT_EQ(problem_of({{"actor_name", "gte:a"}}), predicate + "actor_name gte");
  EXPECT_EQ(problem_of({{"status", "~eq:s"}}), predicate + "status ~eq");
  EXPECT_EQ(problem_of({{"created_at", "~eq:2024"}}), predicate + "created_at ~eq");
  EXPECT_EQ(problem_of({{"source_ip_address", "lt:1"}}), predicate + "source_ip_address lt");
}

// seq 9, so id 10.
constexpr std::string_view kRow = R"({"action":"CreateUser","source":"legacy","status":"failure",
    "occurred_at":"2026-01-02T03:04:05.000001Z","actor":{"id":"u-1","name":"Zoë","email":""},
    "request":{"id":"123","ip":"2001:db8::1"},"seq":9,"recorded_at":"2026-01-02T03:04:06Z"})";
constexpr std::string_view kBareRow =
    R"({"action":"LoginAttempt","seq":104,"recorded_at":"2026-01-02T03:04:06Z"})";

bool finds(std::string_view row, const wire::Parameters& parameters) {
  auto filters = read_column_filters(parameters);
  EXPECT_TRUE(filters.has_value());
  auto built = build_filter(*filters);
  EXPECT_TRUE(built.has_value()) << built.error().message;
  event::Record record = testing::record_of(row);
  bool plain = query::match(*built, event::view_of(record));
  EXPECT_EQ(plain, query::match(query::normalize(*built), event::view_of(record)));
  return plain;
}

struct Expectation {
  std::string column, filter;
  bool row, bare_row;
};

void expect_all(const std::vector<Expectation>& expectations) {
  for (const Expectation& each : expectations) {
    EXPECT_EQ(finds(kRow, {{each.column, each.filter}}), each.row)
        << each.column << "=" << each.filter;
    EXPECT_EQ(finds(kBareRow, {{each.column, each.filter}}), each.bare_row)
        << each.column << "=" << each.filter << " (bare row)";
  }
}

TEST(ColumnFilters, OnTextAreExactOrASubstring) {
  expect_all({
      {"action", "eq:CreateUser", true, false},
      {"action", "eq:createuser", false, false},
      {"action", "neq:CreateUser", false, true},
      {"action", "~eq:EUSE", true, false},
      {"actor_id", "eq:u-1", true, false},
      {"actor_name", "~eq:ZO\xc3\x8b", true, false},
      {"actor_email", "neq:x", true, false},
      {"source", "eq:legacy", true, false},
      {"source_ip_address", "eq:2001:db8::1", true, false},
      {"source_ip_address", "~eq:DB8", true, false},
      {"request_id", "eq:123", true, false},
      {"request_id", "~eq:2", true, false},
      {"actor_name", "eq:t", false, false},
  });
}

TEST(ColumnFilters, KnowAbsence) {
  expect_all({
      {"actor_name", "eq:null", false, true},
      {"actor_name", "neq:null", true, false},
      {"actor_name", "~eq:null", false, false},
      {"actor_name", "neq:anybody", true, false},
      {"actor_email", "eq:null", false, true},
      {"actor_name", "eq:NULL", false, false},
      {"id", "eq:null", false, false},
      {"id", "neq:null", true, true},
      {"status", "eq:null", false, false},
      {"created_at", "neq:null", true, true},
  });
}

TEST(ColumnFilters, OnStatusTakeAnyWord) {
  expect_all({
      {"status", "eq:failure", true, false},
      {"status", "neq:failure", false, true},
      {"status", "eq:intent", false, false},
      {"status", "eq:Failure", false, false},
      {"status", "eq:bogus", false, false},
      {"status", "neq:bogus", true, true},
  });
}

TEST(ColumnFilters, OnIdsCountFromOne) {
  expect_all({
      {"id", "eq:10", true, false},
      {"id", "eq:9", false, false},
      {"id", "eq:+10", true, false},
      {"id", "eq:010", true, false},
      {"id", "neq:10", false, true},
      {"id", "gt:10", false, true},
      {"id", "gte:10", true, true},
      {"id", "lt:105", true, false},
      {"id", "lte:105", true, true},
      {"id", "eq:abc", false, false},
      {"id", "neq:abc", true, true},
      {"id", "gt:abc", false, false},
      {"id", "eq:10.5", false, false},
      {"id", "neq:10.5", true, true},
      {"id", "gt:9.5", true, true},
      {"id", "gt:10.5", false, true},
      {"id", "gte:10.5", false, true},
      {"id", "lt:10.5", true, false},
      {"id", "lte:10.5", true, false},
      {"id", "eq:1e1", true, false},
      {"id", "eq:99999999999999999999", false, false},
      {"id", "lt:99999999999999999999", true, true},
      {"id", "gt:-99999999999999999999", true, true},
      {"id", "gt:9223372036854775807", false, false},
      {"id", "lte:9223372036854775807", true, true},
      {"id", "lt:-9223372036854775808", false, false},
      {"id", "gte:-9223372036854775808", true, true},
      {"id", "eq:nan", false, false},
      {"id", "lt:inf", false, false},
  });
}

TEST(ColumnFilters, FindPartsOfAnId) {
  expect_all({
      {"id", "~eq:10", true, true},
      {"id", "~eq:0", true, true},
      {"id", "~eq:05", false, true},
      {"id", "~eq:9", false, false},
      {"id", "~eq:x", false, false},
  });
}

TEST(ColumnFilters, OnTimesAreExact) {
  expect_all({
      {"created_at", "eq:2026-01-02T03:04:05.000001Z", true, false},
      {"created_at", "eq:2026-01-02T04:04:05.000001+01:00", true, false},
      {"created_at", "eq:2026-01-02T03:04:05.0000015Z", false, false},
      {"created_at", "neq:2026-01-02T03:04:05.0000015Z", true, true},
      {"created_at", "gt:2026-01-02T03:04:05.000001Z", false, true},
      {"created_at", "gte:2026-01-02T03:04:05.000001Z", true, true},
      {"created_at", "gte:2026-01-02T03:04:05.0000011Z", false, true},
      {"created_at", "lt:2026-01-02T03:04:05.000001Z", false, false},
      {"created_at", "lt:2026-01-02T03:04:05.0000011Z", true, false},
      {"created_at", "lte:2026-01-02T03:04:05.000001Z", true, false},
      {"created_at", "gt:0001-01-01T00:00:00Z", true, true},
  });
}

TEST(ColumnFilters, MustAllHold) {
  EXPECT_FALSE(finds(kRow, {{"action", "eq:CreateUser"}, {"action", "eq:LoginAttempt"}}));
  EXPECT_TRUE(finds(kRow, {{"action", "eq:CreateUser"}, {"id", "eq:10"}}));
  EXPECT_TRUE(finds(kRow, {}));
}

}  // namespace
}  // namespace piperoll::dialect::bloodhound
