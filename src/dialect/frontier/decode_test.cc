#include "dialect/frontier/decode.h"

#include <gtest/gtest.h>

#include "dialect/testing/service_reply.h"
#include "query/match.h"

namespace piperoll::dialect::frontier {
namespace {

wire::Request get(std::string_view target) {
  wire::Request request;
  request.method = "GET";
  request.target = target;
  return request;
}

query::Filter filter_of(std::string_view target) {
  auto checked = decode_list("acme", get(target));
  auto* find = std::get_if<operation::FindEvents>(&checked);
  EXPECT_NE(find, nullptr) << target;
  return find != nullptr ? find->page.filter : query::all();
}

bool finds(std::string_view target, const std::string& json) {
  event::Record record = testing::record_of(json);
  return query::match(filter_of(target), event::view_of(record));
}

std::string event_at(const std::string& time, const std::string& action = "a") {
  return R"({"action":")" + action + R"(","seq":0,"recorded_at":")" + time + R"("})";
}

TEST(ListFilter, IncludesBothBounds) {
  const std::string target = "/x?start_time=2026-01-01T00:00:00Z&endTime=2026-01-02T00:00:00Z";

  EXPECT_TRUE(finds(target, event_at("2026-01-01T00:00:00Z")));
  EXPECT_TRUE(finds(target, event_at("2026-01-02T00:00:00Z")));
  EXPECT_FALSE(finds(target, event_at("2025-12-31T23:59:59.999999Z")));
  EXPECT_FALSE(finds(target, event_at("2026-01-02T00:00:00.000001Z")));
}

TEST(ListFilter, TakesTimesNotAfter1970AsNotSet) {
  EXPECT_EQ(filter_of("/x?start_time=1970-01-01T00:00:00Z&end_time=1969-01-01T00:00:00Z"),
            query::all());
  EXPECT_NE(filter_of("/x?start_time=1970-01-01T00:00:00.000000001Z"), query::all());
}

TEST(ListFilter, DropsTheTwelveSystemActions) {
  for (std::string action :
       {"app.user.created", "app.user.updated", "app.user.deleted", "app.user.listed",
        "app.permission.created", "app.permission.updated", "app.permission.deleted",
        "app.permission.checked", "app.billing.entitlement.checked", "app.organization.created",
        "app.organization.deleted", "app.organization.disabled"}) {
    EXPECT_FALSE(finds("/x?ignore_system=true", event_at("2026-01-01T00:00:00Z", action)));
    EXPECT_TRUE(finds("/x?ignoreSystem=f", event_at("2026-01-01T00:00:00Z", action)));
  }
  EXPECT_TRUE(finds("/x?ignore_system=1", event_at("2026-01-01T00:00:00Z", "app.project.created")));
}

TEST(Credential, IsTakenInFrontiersOrder) {
  wire::Request request = get("/x");
  EXPECT_EQ(credential_of(request).kind, auth::Credential::Kind::None);

  request.headers = {{"Authorization", "Basic Y2xpZW50OnNlY3JldA=="}, {"X-User-Token", "u.u.u"}};
  EXPECT_EQ(credential_of(request).secret, "u.u.u");
  request.headers = {{"Authorization", "Bearer b.b.b"}, {"X-User-Token", "u.u.u"}};
  EXPECT_EQ(credential_of(request).secret, "b.b.b");
  request.headers.push_back({"Cookie", "sid=c.c.c"});
  EXPECT_EQ(credential_of(request).secret, "c.c.c");
}

// As Frontier drops a token that does not parse, and a session that is not its own.
TEST(Credential, IsPassedOverWhereItHasNotTheFormOfOne) {
  wire::Request request = get("/x");
  request.headers = {{"Cookie", "sid=MTcwfEd3d0E="}, {"Authorization", "Bearer b.b.b"}};
  EXPECT_EQ(credential_of(request).secret, "b.b.b");
  request.headers = {{"Authorization", "Basic Y2xpZW50OnNlY3JldA=="}, {"X-User-Token", "stale"}};
  EXPECT_EQ(credential_of(request).secret, "secret");
  request.headers = {{"X-User-Token", "stale"}};
  EXPECT_EQ(credential_of(request).secret, "stale") << "to be refused";
}

TEST(Credential, IsTheSecretOfBasic) {
  wire::Request request = get("/x");
  request.headers = {{"Authorization", "basic Y2xpZW50OnNlY3JldA=="}};  // client:secret
  EXPECT_EQ(credential_of(request).secret, "secret");
  EXPECT_EQ(credential_of(request).client_id, "client");
  for (std::string_view value :
       {"Basic YTpiOmM=", "Basic YQ==", "Basic YTo=", "Basic !", "Basic"}) {
    request.headers = {{"Authorization", value}};
    EXPECT_EQ(credential_of(request).kind, auth::Credential::Kind::None) << value;
  }
}

std::string problem_of(const std::string& log) {
  wire::Request request = get("/x");
  std::string body = R"({"logs":[{"source":"ok","action":"ok"},)" + log + "]}";
  request.body = body;
  auto checked = decode_create("acme", request);
  auto* response = std::get_if<wire::Response>(&checked);
  if (response == nullptr) {
    return "";
  }
  EXPECT_EQ(response->status, 400);
  return response->body;
}

TEST(Create, ChecksOurLimitsInFrontiersWords) {
  const std::string start = "Logs[1]: embedded message failed validation | caused by: invalid ";
  const std::string long_name(257, 'n');

  EXPECT_NE(problem_of(R"({"source":"  ","action":"ok"})").find(start + "AuditLog.Source: "),
            std::string::npos);
  EXPECT_NE(problem_of(R"({"source":"ok","action":"  "})").find(start + "AuditLog.Action: "),
            std::string::npos);
  EXPECT_NE(problem_of(R"({"source":"ok","action":"ok","id":"a b"})").find(start + "AuditLog.Id: "),
            std::string::npos);
  EXPECT_NE(problem_of(R"({"source":"ok","action":"ok","actor":{"name":")" + long_name + R"("}})")
                .find(start + "AuditLog.Actor.Name: "),
            std::string::npos);
  EXPECT_NE(problem_of(R"({"source":"ok","action":"ok","context":{"a":")" +
                       std::string(50'000, 'x') + R"("}})")
                .find(start + "AuditLog"),
            std::string::npos);
  EXPECT_EQ(problem_of(R"({"source":"ok","action":"ok","id":"A:b/c.d@e+f=_-"})"), "");
}

TEST(Create, CountsCodePoints) {
  EXPECT_EQ(problem_of("{\"source\":\"\xc3\xa9\xc3\xa9\",\"action\":\"\xe6\x9d\xb1\xe4\xba\xac\"}"),
            "");
  EXPECT_NE(problem_of("{\"source\":\"\xc3\xa9\",\"action\":\"ok\"}").find("AuditLog.Source"),
            std::string::npos);
}

TEST(Create, TakesTenThousandLogsAtMost) {
  for (std::size_t count : {10'000U, 10'001U}) {
    std::string body = R"({"logs":[)";
    for (std::size_t i = 0; i < count; ++i) {
      body += i == 0 ? "" : ",";
      body += R"({"source":"ok","action":"ok"})";
    }
    body += "]}";
    wire::Request request = get("/x");
    request.body = body;

    auto checked = decode_create("acme", request);

    auto* response = std::get_if<wire::Response>(&checked);
    EXPECT_EQ(response == nullptr ? 200 : response->status, count == 10'000 ? 200 : 413);
  }
}

}  // namespace
}  // namespace piperoll::dialect::frontier
