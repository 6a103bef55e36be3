#include "dialect/nirvana/decode.h"

#include <gtest/gtest.h>

#include "dialect/testing/service_reply.h"
#include "query/match.h"

namespace piperoll::dialect::nirvana {
namespace {

operation::FindEvents query_of(const wire::Parameters& parameters) {
  auto operation = decode_list(parameters);
  EXPECT_TRUE(operation.has_value()) << operation.error().message;
  return operation ? std::get<operation::FindEvents>(*operation) : operation::FindEvents{};
}

bool finds(const wire::Parameters& parameters, std::string_view row) {
  event::Record record = testing::record_of(row);
  return query::match(query_of(parameters).page.filter, event::view_of(record));
}

constexpr std::string_view kRow = R"({"action":"vm.created","actor":{"id":"k-1","type":"service"},
    "target":{"id":"vm-1","type":"vm"},"request":{"ip":"2001:db8::1","method":"POST",
    "path":"/v1/compute/VMs","status_code":202},"occurred_at":"2026-01-02T03:04:05.000001Z",
    "seq":0,"recorded_at":"2026-01-02T03:04:06Z"})";
constexpr std::string_view kBare = R"({"action":"a","seq":1,"recorded_at":"2026-01-02T03:04:06Z"})";

TEST(ListFilter, DividesActorsIntoKeysAndUsers) {
  EXPECT_TRUE(finds({{"actor_type", "api_key"}}, kRow));
  EXPECT_FALSE(finds({{"actor_type", "user"}}, kRow));
  EXPECT_TRUE(finds({{"actor_type", "user"}}, kBare)) << "no type is a user's";
  for (std::string type :
       {"api_key", "application", "app", "service", "serviceuser", "service_account", "machine"}) {
    std::string row = R"({"action":"a","actor":{"type":")" + type +
                      R"("},"seq":0,"recorded_at":"2026-01-02T03:04:06Z"})";
    EXPECT_TRUE(finds({{"actor_type", "api_key"}}, row)) << type;
  }
}

TEST(ListFilter, TakesAnEventWithoutRequestAsStatusZero) {
  EXPECT_TRUE(finds({{"status_code_min", "0"}}, kBare));
  EXPECT_TRUE(finds({{"status_code_max", "0"}}, kBare));
  EXPECT_TRUE(finds({{"status_code_max", "299"}}, kBare));
  EXPECT_FALSE(finds({{"status_code_min", "1"}}, kBare));
  EXPECT_FALSE(finds({{"status_code_max", "-1"}}, kBare));
  EXPECT_TRUE(finds({{"status_code_min", "202"}, {"status_code_max", "202"}}, kRow));
  EXPECT_FALSE(finds({{"status_code_min", "203"}}, kRow));
}

TEST(ListFilter, IncludesBothTimes) {
  const std::string at = "2026-01-02T03:04:05.000001Z";
  EXPECT_TRUE(finds({{"created_at_min", at}, {"created_at_max", at}}, kRow));
  EXPECT_FALSE(finds({{"created_at_min", "2026-01-02T03:04:05.0000011Z"}}, kRow));
  EXPECT_FALSE(finds({{"created_at_max", "2026-01-02T03:04:05Z"}}, kRow));
  EXPECT_TRUE(finds({{"created_at_min", "0001-01-01T00:00:00Z"}}, kRow));
}

TEST(ListFilter, ComparesExactlyButForThePath) {
  EXPECT_TRUE(finds({{"action", "vm.created"},
                     {"actor_id", "k-1"},
                     {"method", "POST"},
                     {"target_id", "vm-1"},
                     {"target_type", "vm"},
                     {"path", "compute/vms"},
                     {"client_ip", "2001:DB8:0::1"}},
                    kRow));
  EXPECT_FALSE(finds({{"method", "post"}}, kRow));
  EXPECT_FALSE(finds({{"path", "volumes"}}, kRow));
}

TEST(ListPage, SortsAbsentStatusAsZero) {
  operation::FindEvents find = query_of({{"sort", "status_code:asc,created_at:desc"}});
  event::Record row = testing::record_of(kRow), bare = testing::record_of(kBare);

  EXPECT_EQ(query::compare(find.page.sort, event::view_of(bare), event::view_of(row)),
            std::strong_ordering::less);
  EXPECT_EQ(find.page.limit, 50U);
  EXPECT_TRUE(find.want_cursors);
  EXPECT_EQ(find.count, find.page.filter);
}

TEST(ListPage, IsTheDefaultWhenItsOrderIsSpelledOut) {
  EXPECT_EQ(query_of({{"sort", "created_at:desc"}}).page.sort, query_of({}).page.sort);
}

}  // namespace
}  // namespace piperoll::dialect::nirvana
