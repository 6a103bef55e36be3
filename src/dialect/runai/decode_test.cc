#include "dialect/runai/decode.h"

#include <gtest/gtest.h>

#include "dialect/testing/service_reply.h"
#include "query/match.h"

namespace piperoll::dialect::runai {
namespace {

operation::FindEvents query_of(const wire::Parameters& parameters) {
  auto find = read_query(parameters);
  EXPECT_TRUE(find.has_value()) << find.error().message;
  return find ? *std::move(find) : operation::FindEvents{};
}

bool finds(const wire::Parameters& parameters, std::string_view row) {
  event::Record record = testing::record_of(row);
  return query::match(query_of(parameters).page.filter, event::view_of(record));
}

constexpr std::string_view kRow = R"({"action":"Create","status":"failure",
    "occurred_at":"2022-06-08T11:28:24.131Z","cluster_id":"71f69d83-ba66-4822-adf5-55ce55efd210",
    "actor":{"id":"96a4","type":"User","name":"Ada","email":"ada@run.ai"},
    "target":{"id":"51","type":"Department"},"seq":0,"recorded_at":"2022-06-08T11:28:25Z"})";
constexpr std::string_view kUnnamed = R"({"action":"Login","actor":{"email":"ada@run.ai"},
    "status":"intent","seq":1,"recorded_at":"2022-06-09T00:00:00Z"})";

TEST(AuditQuery, IsAPageOfFiftyNewestFirst) {
  operation::FindEvents find = query_of({});

  EXPECT_EQ(find.page.filter, query::all());
  EXPECT_EQ(find.page.sort, query::newest_first());
  EXPECT_EQ(find.page.limit, 50U);
  EXPECT_EQ(find.page.offset, 0U);
  EXPECT_FALSE(find.stream);
}

TEST(AuditQuery, MatchesEveryParameterExactly) {
  const wire::Parameters all = {
      {"action", "Create"},          {"source_type", "User"},
      {"source_id", "96a4"},         {"source_name", "Ada"},
      {"entity_type", "Department"}, {"entity_id", "51"},
      {"success", "false"},          {"cluster_uuid", "71F69D83-BA66-4822-ADF5-55CE55EFD210"}};
  EXPECT_TRUE(finds(all, kRow));
  for (std::size_t i = 0; i < 6; ++i) {
    wire::Parameters other = all;
    other[i].second += "x";
    EXPECT_FALSE(finds(other, kRow)) << other[i].first;
    EXPECT_TRUE(finds({{all[i].first, ""}}, kRow)) << "blank is absent";
    EXPECT_TRUE(finds({{all[i].first, " "}}, kRow)) << "blank is absent";
  }
}

TEST(AuditQuery, FindsANameOrTheEmailOfTheUnnamed) {
  EXPECT_TRUE(finds({{"source_name", "ada@run.ai"}}, kUnnamed));
  EXPECT_FALSE(finds({{"source_name", "ada@run.ai"}}, kRow));
}

TEST(AuditQuery, CountsAllButFailuresAsSuccess) {
  EXPECT_FALSE(finds({{"success", "true"}}, kRow));
  EXPECT_TRUE(finds({{"success", "true"}}, kUnnamed));
  EXPECT_TRUE(finds({{"success", "false"}}, kRow));
  EXPECT_TRUE(finds({{"success", ""}}, kRow));
}

TEST(AuditQuery, IncludesBothBounds) {
  EXPECT_TRUE(finds({{"start", "2022-06-08T11:28:24.131"}}, kRow));
  EXPECT_TRUE(finds({{"end", "2022-06-08T11:28:24.131"}}, kRow));
  EXPECT_FALSE(finds({{"start", "2022-06-08T11:28:24.132"}}, kRow));
  EXPECT_FALSE(finds({{"end", "2022-06-08T11:28:24"}}, kRow));
  EXPECT_TRUE(finds({{"start", "2022-6-8"}, {"end", "2022-6-8"}}, kRow));
  EXPECT_FALSE(finds({{"end", "2022-6-8"}}, kUnnamed));
  EXPECT_TRUE(finds({{"end", "2022-6-9"}}, kUnnamed));
}

TEST(AuditQuery, IncludesWhatIsShownWithTheLastMillisecond) {
  constexpr std::string_view kWithin =
      R"({"action":"a","occurred_at":"2022-06-08T11:28:24.131900Z","seq":0,
          "recorded_at":"2022-06-08T11:28:25Z"})";
  EXPECT_TRUE(finds({{"end", "2022-06-08T11:28:24.131"}}, kWithin));
  EXPECT_TRUE(finds({{"end", "2022-06-08T11:28:24.1311"}}, kWithin));
  EXPECT_FALSE(finds({{"end", "2022-06-08T11:28:24.130"}}, kWithin));
}

std::string faulty(const wire::Parameters& parameters) {
  auto find = read_query(parameters);
  return find ? "" : find.error().faults.at(0).pointer;
}

TEST(AuditQuery, RefusesMalformedValues) {
  for (std::string value : {"0", "501", "-1", "x", "1.5", "+5", "99999999999999999999"}) {
    EXPECT_EQ(faulty({{"limit", value}}), "limit") << value;
  }
  for (std::string value : {"-1", "x", "99999999999999999999"}) {
    EXPECT_EQ(faulty({{"offset", value}}), "offset") << value;
  }
  for (std::string value : {"yes", "TRUE", "1"}) {
    EXPECT_EQ(faulty({{"success", value}}), "success") << value;
  }
  EXPECT_EQ(faulty({{"start", "yesterday"}}), "start");
  EXPECT_EQ(faulty({{"end", "2022-02-30"}}), "end");
  EXPECT_EQ(faulty({{"cluster_uuid", "7"}}), "cluster_uuid");
}

TEST(AuditQuery, TakesTheWholeRangeOfPages) {
  EXPECT_EQ(query_of({{"limit", "1"}}).page.limit, 1U);
  EXPECT_EQ(query_of({{"limit", "500"}}).page.limit, 500U);
  EXPECT_EQ(query_of({{"limit", ""}}).page.limit, 50U);
  EXPECT_EQ(query_of({{"offset", "9223372036854775807"}}).page.offset, 9223372036854775807U);
}

TEST(Download, IsAskedForByTrueAlone) {
  EXPECT_TRUE(wants_download({{"download", "true"}}));
  for (std::string value : {"", "false", "True", "1"}) {
    EXPECT_FALSE(wants_download({{"download", value}})) << value;
  }
  EXPECT_FALSE(wants_download({}));
}

}  // namespace
}  // namespace piperoll::dialect::runai
