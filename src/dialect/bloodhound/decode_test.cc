#include "dialect/bloodhound/decode.h"

#include <gtest/gtest.h>

namespace piperoll::dialect::bloodhound {
namespace {

constexpr base::Timestamp kNow{1'767'323'045'000'000};  // 2026-01-02T03:04:05Z
constexpr std::int64_t kYear = std::int64_t{365} * 86'400'000'000;

AuditQuery query_of(const wire::Parameters& parameters) {
  auto query = read_query(parameters, kNow);
  EXPECT_TRUE(query.has_value()) << query.error().message;
  return query ? *std::move(query) : AuditQuery{};
}

std::string problem_of(const wire::Parameters& parameters) {
  auto query = read_query(parameters, kNow);
  return query ? "" : query.error().message;
}

TEST(AuditQuery, IsTheLastYearNewestFirst) {
  AuditQuery query = query_of({});

  EXPECT_EQ(query.find.page.filter,
            query::range(event::Field::OccurredAt, kNow.micros - kYear, kNow.micros));
  EXPECT_EQ(query.find.page.sort, query::newest_first());
  EXPECT_EQ(query.find.page.limit, 1000U);
  EXPECT_EQ(query.find.page.offset, 0U);
  EXPECT_EQ(query.find.count, query::all());
  EXPECT_FALSE(query.find.stream);
}

TEST(AuditQuery, ReachesAYearBackFromBefore) {
  AuditQuery query = query_of({{"before", "2020-01-01T00:00:00Z"}});
  std::int64_t before = 1'577'836'800'000'000;

  EXPECT_EQ(query.find.page.filter, query::range(event::Field::OccurredAt, before - kYear, before));
}

TEST(AuditQuery, CountsOutsideTheWindowToo) {
  AuditQuery query = query_of({{"action", "eq:A"}, {"after", "2026-01-01T00:00:00Z"}});

  EXPECT_EQ(query.find.count, query::equal({event::Field::Action, {}}, "A"));
}

TEST(AuditQuery, FindsNothingBetweenTimesInTheWrongOrder) {
  AuditQuery query =
      query_of({{"after", "2026-01-02T00:00:00Z"}, {"before", "2026-01-01T00:00:00Z"}});

  EXPECT_EQ(query.find.page.filter, query::any_of({}));
  EXPECT_EQ(query.find.count, query::all());
}

TEST(AuditQuery, TakesPagesOfAnySize) {
  EXPECT_EQ(query_of({{"limit", "0"}, {"skip", "0"}}).find.page.limit, 0U);
  EXPECT_EQ(query_of({{"limit", ""}}).limit, 1000);
  EXPECT_EQ(query_of({{"limit", "+5"}, {"skip", "+7"}}).find.page.offset, 7U);
  EXPECT_FALSE(query_of({{"limit", "1000"}}).find.stream);
  EXPECT_TRUE(query_of({{"limit", "1001"}}).find.stream);
  EXPECT_TRUE(query_of({{"limit", "9223372036854775807"}}).find.stream);
}

TEST(AuditQuery, PrefersSkipToOffset) {
  EXPECT_EQ(query_of({{"offset", "3"}}).skip, 3);
  EXPECT_EQ(query_of({{"offset", "3"}, {"skip", "4"}}).skip, 4);
  EXPECT_EQ(query_of({{"offset", "3"}, {"skip", ""}}).skip, 0);
  EXPECT_EQ(query_of({{"offset", "x"}, {"skip", "4"}}).skip, 4);
}

TEST(AuditQuery, NamesMalformedNumbersAsGoDoes) {
  EXPECT_EQ(problem_of({{"skip", "abc"}}),
            "query parameter \"skip\" is malformed: error converting skip value abc to int: "
            "strconv.Atoi: parsing \"abc\": invalid syntax");
  EXPECT_EQ(problem_of({{"offset", "1.5"}}),
            "query parameter \"offset\" is malformed: error converting offset value 1.5 to int: "
            "strconv.Atoi: parsing \"1.5\": invalid syntax");
  EXPECT_EQ(problem_of({{"limit", "99999999999999999999"}}),
            "query parameter \"limit\" is malformed: error converting limit value "
            "99999999999999999999 to int: strconv.Atoi: parsing \"99999999999999999999\": value "
            "out of range");
  EXPECT_EQ(problem_of({{"skip", "-1"}}),
            "query parameter \"skip\" is malformed: invalid skip: -1");
  EXPECT_EQ(problem_of({{"limit", "-7"}}),
            "query parameter \"limit\" is malformed: invalid limit: -7");
}

TEST(AuditQuery, NamesMalformedTimesAsGoDoes) {
  EXPECT_EQ(problem_of({{"before", "foo"}}),
            "query parameter \"before\" is malformed: parsing time \"foo\" as "
            "\"2006-01-02T15:04:05.999999999Z07:00\": cannot parse \"foo\" as \"2006\"");
  EXPECT_EQ(problem_of({{"after", "2024-02-30T00:00:00Z"}}),
            "query parameter \"after\" is malformed: parsing time \"2024-02-30T00:00:00Z\": day "
            "out of range");
  EXPECT_EQ(problem_of({{"before", ""}, {"after", ""}}), "");
}

TEST(AuditQuery, SortsByEveryColumnInTheOrderGiven) {
  query::Sort sort = query_of({{"sort_by", "-actor_name"},
                               {"sort_by", "id"},
                               {"sort_by", "actor_name"},
                               {"sort_by", "source_ip_address"}})
                         .find.page.sort;

  EXPECT_EQ(query::print(sort), "-actor.name,seq,request.ip");
  for (std::string_view column :
       {"id", "actor_id", "actor_name", "actor_email", "action", "request_id", "created_at",
        "source", "source_ip_address", "status"}) {
    EXPECT_EQ(problem_of({{"sort_by", std::string(column)}}), "") << column;
  }
}

TEST(AuditQuery, RefusesOtherColumns) {
  for (std::string_view column : {"", "-", "--id", "commit_id", "fields", "ID", "id,action"}) {
    EXPECT_EQ(problem_of({{"sort_by", std::string(column)}}),
              "column format does not support sorting")
        << column;
  }
}

TEST(AuditQuery, NamesTheFirstMistakeInBloodhoundsOrder) {
  wire::Parameters parameters = {{"after", "bad"}, {"before", "bad"}, {"limit", "bad"},
                                 {"foo", "eq:1"},  {"skip", "bad"},   {"x", "12:30"},
                                 {"sort_by", "x"}};
  const std::vector<std::string> expected = {"column format does not support sorting",
                                             "there are errors in the query parameter",
                                             "query parameter \"skip\"",
                                             "the specified column cannot be filtered: foo",
                                             "query parameter \"limit\"",
                                             "query parameter \"before\"",
                                             "query parameter \"after\""};
  for (const std::string& start : expected) {
    EXPECT_EQ(problem_of(parameters).substr(0, start.size()), start);
    parameters.pop_back();
  }
}

}  // namespace
}  // namespace piperoll::dialect::bloodhound
