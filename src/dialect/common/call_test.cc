#include "dialect/common/call.h"

#include <gtest/gtest.h>

namespace piperoll::dialect {
namespace {

using Place = operation::OrgReference::Place;

wire::Request request_with(std::vector<wire::HeaderView> headers) {
  wire::Request request;
  request.method = "GET";
  request.target = "/x?y";
  request.headers = std::move(headers);
  request.remote_address = "192.0.2.7";
  request.request_id = "req-1";
  return request;
}

TEST(CallFor, KeepsWhatStampingAndTheAccessLogNeed) {
  operation::Call call = call_for(
      "native", request_with({{"Authorization", "Bearer key-1"}, {"User-Agent", "curl/8"}}));

  EXPECT_EQ(call.surface, "native");
  EXPECT_EQ(call.credential.secret, "key-1");
  EXPECT_EQ(call.remote_address, "192.0.2.7");
  EXPECT_EQ(call.user_agent, "curl/8");
  EXPECT_EQ(call.request_id, "req-1");
  EXPECT_EQ(call.method, "GET");
  EXPECT_EQ(call.path, "/x");
  EXPECT_EQ(call.org.place, Place::Credential);
}

TEST(CallFor, CutsAUserAgentToWhatAnEventMayHold) {
  std::string exact = std::string(1023, 'a') + "\xc3\xa9", longer = exact + "\xc3\xa9";

  EXPECT_EQ(call_for("x", request_with({{"User-Agent", exact}})).user_agent, exact);
  EXPECT_EQ(call_for("x", request_with({{"User-Agent", longer}})).user_agent, exact);
  EXPECT_EQ(call_for("x", request_with({{"User-Agent", "\xff"}})).user_agent, "");
}

TEST(BearerToken, IsTakenWhateverTheCaseOfItsScheme) {
  EXPECT_EQ(bearer_token(request_with({{"authorization", "bEARER a.b.c"}})), "a.b.c");
  EXPECT_EQ(bearer_token(request_with({{"Authorization", "Bearer   x"}})), "x");
}

TEST(BearerToken, IsNothingInOtherSchemes) {
  for (std::string_view value : {"", "Bearer", "Bearer ", "Basic YTpi", "Bearerx y", "x"}) {
    EXPECT_EQ(bearer_token(request_with({{"Authorization", value}})), std::nullopt) << value;
  }
  EXPECT_EQ(bearer_token(request_with({})), std::nullopt);
  EXPECT_EQ(call_for("x", request_with({})).credential.kind, auth::Credential::Kind::None);
}

TEST(OrgInQuery, IsTheCredentialsOwnUnlessNamed) {
  EXPECT_EQ(org_in_query({}).place, Place::Credential);
  EXPECT_EQ(org_in_query({{"org", ""}}).place, Place::Credential);
  EXPECT_EQ(org_in_query({{"a", "b"}, {"org", "acme"}}).place, Place::Query);
  EXPECT_EQ(org_in_query({{"a", "b"}, {"org", "acme"}}).text, "acme");
}

TEST(SetOperation, KnowsTheRightOfAnErrorToo) {
  operation::Call call;
  set_operation(call, operation::Operation{operation::ExportEvents{}}, auth::Right::Find);
  EXPECT_EQ(call.right, auth::Right::Export);

  set_operation(call, base::Error{}, auth::Right::Append);
  EXPECT_EQ(call.right, auth::Right::Append);
  EXPECT_FALSE(call.operation.has_value());
}

}  // namespace
}  // namespace piperoll::dialect
