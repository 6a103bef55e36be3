#include <gtest/gtest.h>

#include "dialect/antidote/decode.h"
#include "dialect/testing/service_reply.h"
#include "query/match.h"

namespace piperoll::dialect::antidote {
namespace {

operation::FindEvents query_of(const wire::Parameters& parameters) {
  Paging paging;
  auto operation = decode_list(parameters, paging);
  EXPECT_TRUE(operation.has_value()) << operation.error().message;
  return operation ? std::get<operation::FindEvents>(*operation) : operation::FindEvents{};
}

bool finds(const wire::Parameters& parameters, std::string_view row) {
  event::Record record = testing::record_of(row);
  return query::match(query_of(parameters).page.filter, event::view_of(record));
}

constexpr std::string_view kNamed = R"({"action":"user.login","summary":"Zoë came in",
    "category":"auth","severity":"high","actor":{"id":"u-1","name":"Ada","email":"ada@x.org"},
    "target":{"type":"door","id":"7"},"application":{"id":"abcdefab-2222-4333-8444-555555555555",
    "key":"billing"},"params":{"plan":"pro","n":2,"a":{"b":true}},
    "occurred_at":"2026-01-02T03:04:05.000001Z","seq":0,"recorded_at":"2026-01-02T03:04:06Z"})";
constexpr std::string_view kWithEmail = R"({"action":"a","actor":{"id":"u-2","email":"bob@x.org"},
    "seq":1,"recorded_at":"2026-01-02T03:04:06Z"})";
constexpr std::string_view kWithId =
    R"({"action":"b","actor":{"id":"u-3"},"seq":2,"recorded_at":"2026-01-02T03:04:06Z"})";

TEST(ListFilter, KnowsTheActorByWhatIsShown) {
  EXPECT_TRUE(finds({{"actors", "Ada"}}, kNamed));
  EXPECT_FALSE(finds({{"actors", "ada@x.org,u-1"}}, kNamed)) << "the name is shown";
  EXPECT_TRUE(finds({{"actors", "x,bob@x.org"}}, kWithEmail));
  EXPECT_FALSE(finds({{"actors", "u-2"}}, kWithEmail)) << "the e-mail is shown";
  EXPECT_TRUE(finds({{"actors", "u-3"}}, kWithId));
}

TEST(ListFilter, SearchesSixTextsWhateverTheCase) {
  for (std::string text : {"LOGIN", "zo\xc3\x8b CAME", "AUTH", "ada", "Door", "7"}) {
    EXPECT_TRUE(finds({{"search", text}}, kNamed)) << text;
  }
  for (std::string text : {"high", "u-1", "x.org", "billing", "pro"}) {
    EXPECT_FALSE(finds({{"search", text}}, kNamed)) << text;
  }
  EXPECT_TRUE(finds({{"search", ""}}, kWithId));
}

TEST(ListFilter, TakesCommaLists) {
  EXPECT_TRUE(finds({{"event_types", "user.logout,user.login"}}, kNamed));
  EXPECT_FALSE(finds({{"event_types", "user.logout"}}, kNamed));
  EXPECT_TRUE(finds({{"categories", "general,auth"}, {"severities", "high,low"}}, kNamed));
  EXPECT_FALSE(finds({{"severities", "bogus"}}, kNamed));
  EXPECT_TRUE(finds({{"severities", ","}}, kNamed)) << "an empty list is no filter";
}

TEST(ListFilter, IncludesBothDates) {
  const std::string at = "2026-01-02T03:04:05.000001Z";
  EXPECT_TRUE(finds({{"date_from", at}, {"date_to", at}}, kNamed));
  EXPECT_FALSE(finds({{"date_from", "2026-01-02T03:04:05.0000011Z"}}, kNamed));
  EXPECT_FALSE(finds({{"date_to", "2026-01-02T03:04:05Z"}}, kNamed));
}

TEST(ListFilter, FindsApplicationsByUuidInEitherCase) {
  EXPECT_TRUE(finds({{"application_id", "ABCDEFAB-2222-4333-8444-555555555555"}}, kNamed));
  EXPECT_FALSE(finds({{"application_id", "billing"}}, kNamed));
  EXPECT_TRUE(finds({{"entity_type", "door"}, {"entity_id", "7"}}, kNamed));
}

TEST(ListFilter, LooksIntoParams) {
  struct Case {
    std::string filter;
    bool found;
  };
  const Case cases[] = {
      {R"([{"key":"plan","operator":"eq","value":"pro"}])", true},
      {R"([{"key":"plan","operator":"eq","value":"Pro"}])", false},
      {R"([{"key":"n","operator":"eq","value":2}])", true},
      {R"([{"key":"a.b","operator":"eq","value":true}])", true},
      {R"([{"key":"plan","operator":"ne","value":"free"}])", true},
      {R"([{"key":"missing","operator":"ne","value":"free"}])", true},
      {R"([{"key":"plan","operator":"contains","value":"RO"}])", true},
      {R"([{"key":"plan","operator":"starts_with","value":"pr"}])", true},
      {R"([{"key":"plan","operator":"starts_with","value":"ro"}])", false},
      {R"([{"key":"plan","operator":"in","value":["free","pro"]}])", true},
      {R"([{"key":"plan","operator":"exists"}])", true},
      {R"([{"key":"plan","operator":"exists","value":false}])", false},
      {R"([{"key":"plan","operator":"eq","value":"pro"},{"key":"n","operator":"eq","value":3}])",
       false},
      {"[]", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(finds({{"param_filters", c.filter}}, kNamed), c.found) << c.filter;
  }
}

TEST(ListFilter, FindsNoRegisteredParameters) {
  EXPECT_FALSE(finds({{"registered_params_only", "true"}}, kNamed));
  EXPECT_TRUE(finds({{"registered_params_only", "false"}}, kNamed));
}

TEST(ListPage, CountsWhatItFilters) {
  Paging paging;
  auto operation = decode_list({{"page", "3"}, {"page_size", "20"}, {"event_types", "a"}}, paging);
  const auto& find = std::get<operation::FindEvents>(*operation);

  EXPECT_EQ(find.page.offset, 40U);
  EXPECT_EQ(find.page.limit, 20U);
  EXPECT_EQ(find.count, find.page.filter);
  EXPECT_EQ(paging.page, 3U);
}

}  // namespace
}  // namespace piperoll::dialect::antidote
