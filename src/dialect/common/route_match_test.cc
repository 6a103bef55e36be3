#include "dialect/common/route_match.h"

#include <gtest/gtest.h>

namespace piperoll::dialect {
namespace {

using Kind = RouteMatch::Kind;
using Captures = std::vector<std::string>;

const std::vector<Route> kRoutes = {
    {"POST", "/v1/orgs/{org}/logs"},
    {"GET", "/v1/orgs/{org}/logs"},
    {"GET", "/v1/orgs/{org}/logs/{id}"},
    {"GET", "/v1/ping"},
};

TEST(MatchRoute, FindsTheRouteAndDecodesWhatItCaptures) {
  RouteMatch list = match_route(kRoutes, "GET", "/v1/orgs/a%2Fb/logs");
  RouteMatch get = match_route(kRoutes, "GET", "/v1/orgs/acme/logs/x+%20y");

  EXPECT_EQ(list.kind, Kind::Found);
  EXPECT_EQ(list.index, 1U);
  EXPECT_EQ(list.captures, (Captures{"a/b"}));
  EXPECT_EQ(get.index, 2U);
  EXPECT_EQ(get.captures, (Captures{"acme", "x+ y"}));
}

TEST(MatchRoute, LetsACaptureBeEmpty) {
  EXPECT_EQ(match_route(kRoutes, "GET", "/v1/orgs//logs").captures, (Captures{""}));
}

TEST(MatchRoute, NamesTheMethodsOfAKnownPath) {
  RouteMatch match = match_route(kRoutes, "DELETE", "/v1/orgs/acme/logs");

  EXPECT_EQ(match.kind, Kind::WrongMethod);
  EXPECT_EQ(match.allow, "POST, GET, HEAD");
}

TEST(MatchRoute, KnowsNoOtherPath) {
  for (std::string_view path : {"/v1", "/v1/", "/v1/ping/", "/v1/Ping", "/v1/orgs/acme/logs/x/y",
                                "/v1/ping%", "/v1/ping%00", "", "*"}) {
    EXPECT_EQ(match_route(kRoutes, "GET", path).kind, Kind::UnknownPath) << path;
  }
}

TEST(IsAtOrBelow, EndsAtASegment) {
  EXPECT_TRUE(is_at_or_below("/v1/x", "/v1/x"));
  EXPECT_TRUE(is_at_or_below("/v1/x/y", "/v1/x"));
  EXPECT_FALSE(is_at_or_below("/v1/xy", "/v1/x"));
  EXPECT_FALSE(is_at_or_below("/v1", "/v1/x"));
}

}  // namespace
}  // namespace piperoll::dialect
