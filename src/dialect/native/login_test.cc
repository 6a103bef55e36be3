#include "dialect/native/login.h"

#include <gtest/gtest.h>

#include "dialect/native/native_dialect.h"

namespace piperoll::dialect::native {
namespace {

const NativeOptions kOptions{.logins = {"Example & Sons"}};

wire::Request request_for(std::string_view target, std::vector<wire::HeaderView> headers = {},
                          bool tls = false, const char* address = "127.0.0.1") {
  return {.method = "GET",
          .target = target,
          .headers = std::move(headers),
          .remote_address = address,
          .request_id = "r",
          .tls = tls};
}

// What comes of a request: an answer at once, or the call for the service.
struct Asked {
  std::unique_ptr<Dialect> dialect = make_native_dialect(kOptions);
  Decoded decoded;
  explicit Asked(const wire::Request& request) : decoded(dialect->decode(request, {})) {}

  const wire::Response* answer() const { return std::get_if<wire::Response>(&decoded); }
  Exchange& exchange() { return std::get<Exchange>(decoded); }
  wire::Response encode(base::Result<operation::Outcome> outcome) {
    return exchange().encode(operation::Reply{.outcome = std::move(outcome)});
  }
};

std::vector<std::string> values(const wire::Response& response, std::string_view name) {
  std::vector<std::string> found;
  for (const auto& [key, value] : response.headers) {
    if (key == name) {
      found.push_back(value);
    }
  }
  return found;
}

constexpr char kStart[] = "/v1/session/oidc/start?issuer=Example&return_to=/x";
constexpr char kBack[] = "/v1/session/oidc/callback?state=s&code=c&iss=https://i.example&more=1";

TEST(Login, NamesTheIssuersToAnybody) {
  Asked asked(request_for("/v1/session/logins"));
  ASSERT_NE(asked.answer(), nullptr);
  EXPECT_EQ(asked.answer()->body,
            R"({"logins":[{"name":"Example & Sons",)"
            R"("start":"/v1/session/oidc/start?issuer=Example%20%26%20Sons"}]})");
}

TEST(Login, SendsABrowserToTheIssuerWithACookieOfThisHostAlone) {
  for (bool tls : {false, true}) {
    Asked asked(request_for(kStart, {{"Sec-Fetch-Site", "same-origin"}}, tls));
    const auto& begin = std::get<operation::BeginLogin>(*asked.exchange().call.operation);
    EXPECT_EQ(begin.issuer, "Example");
    EXPECT_EQ(begin.return_to, "/x");
    auto sent = asked.encode(operation::Outcome(operation::LoginBegun{"https://i.example/a", "b"}));
    EXPECT_EQ(sent.status, 303);
    EXPECT_EQ(values(sent, "Location"), std::vector<std::string>{"https://i.example/a"});
    EXPECT_EQ(values(sent, "Referrer-Policy"), std::vector<std::string>{"no-referrer"});
    EXPECT_EQ(values(sent, "Set-Cookie"),
              std::vector<std::string>{
                  tls ? "__Host-piperoll_session_login=b; Path=/; Max-Age=600; SameSite=Lax; "
                        "HttpOnly; Secure"
                      : "piperoll_session_login=b; Path=/; Max-Age=600; SameSite=Lax; HttpOnly"});
  }
}

TEST(Login, BeginsOnOurOwnPageAndWhereCookiesAreSafe) {
  const auto status = [](std::vector<wire::HeaderView> headers, bool tls, const char* address) {
    Asked asked(request_for(kStart, std::move(headers), tls, address));
    return asked.answer() == nullptr ? 0 : asked.answer()->status;
  };
  EXPECT_EQ(status({}, false, "127.0.0.1"), 0);
  EXPECT_EQ(status({}, true, "192.0.2.7"), 0);
  EXPECT_EQ(status({}, false, "192.0.2.7"), 403) << "tls_required";
  EXPECT_EQ(status({{"Sec-Fetch-Site", "cross-site"}}, true, "192.0.2.7"), 403);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "same-site"}}, true, "192.0.2.7"), 403);
  EXPECT_EQ(status({{"Host", "a.example"}, {"Referer", "https://evil.example/"}}, true, "::1"),
            403);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "cross-site"}, {"Accept", "text/html"}}, true, "::1"), 303)
      << "people are told by the viewer";
}

TEST(Login, TakesFromAReturnWhatTheStandardsSay) {
  Asked asked(request_for(kBack,
                          {{"Cookie",
                            "__Host-piperoll_session_login=b; "
                            "__Host-piperoll_session=old"},
                           {"Authorization", "Bearer prl_x"},
                           {"Sec-Fetch-Site", "cross-site"}},
                          true, "192.0.2.7"));
  const operation::Call& call = asked.exchange().call;
  ASSERT_EQ(call.credential.kind, auth::Credential::Kind::IssuerReturn);
  const auth::IssuerReturn& returned = *call.credential.issuer_return;
  EXPECT_EQ(returned.state, "s");
  EXPECT_EQ(returned.code, "c");
  EXPECT_EQ(returned.issuer, "https://i.example");
  EXPECT_EQ(returned.error, "");
  EXPECT_EQ(returned.browser, "b");
  EXPECT_EQ(std::get<operation::StartSession>(*call.operation).replaced, "old");

  Asked plain(request_for(kBack, {{"Cookie", "__Host-piperoll_session_login=b"}}));
  EXPECT_EQ(plain.exchange().call.credential.issuer_return->browser, "")
      << "without TLS the other cookie counts";
  Asked twice(request_for("/v1/session/oidc/callback?state=s&state=t&code=c"));
  ASSERT_NE(twice.answer(), nullptr);
  EXPECT_EQ(twice.answer()->status, 400);
  Asked open(request_for(kBack, {}, false, "192.0.2.7"));
  ASSERT_NE(open.answer(), nullptr);
  EXPECT_EQ(open.answer()->status, 403);
}

TEST(Login, GoesOnWithASessionOrSaysWhyNot) {
  Asked good(request_for(kBack, {}, true));
  operation::SessionStarted started{.id = "i", .csrf_token = "t", .return_to = "/x?q=1"};
  started.session.ends_at.micros = 60 * base::kMicrosPerSecond;
  auto sent = good.encode(operation::Outcome(started));
  EXPECT_EQ(sent.status, 303);
  EXPECT_EQ(values(sent, "Location"), std::vector<std::string>{"/x?q=1"});
  EXPECT_EQ(
      values(sent, "Set-Cookie"),
      (std::vector<std::string>{
          "__Host-piperoll_session=i; Path=/; Max-Age=60; SameSite=Lax; HttpOnly; Secure",
          "__Host-piperoll_session_csrf=t; Path=/; Max-Age=60; SameSite=Lax; Secure",
          "__Host-piperoll_session_login=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly; Secure"}));

  const base::Error refused{
      .kind = base::ErrorKind::Unauthenticated, .message = "no", .code = "login_refused"};
  Asked people(request_for(kBack, {{"Accept", "text/html,*/*"}}));
  auto told = people.encode(refused);
  EXPECT_EQ(told.status, 303);
  EXPECT_EQ(values(told, "Location"), std::vector<std::string>{"/?login_error=login_refused"});
  Asked program(request_for(kBack));
  auto problem = program.encode(refused);
  EXPECT_EQ(problem.status, 401);
  EXPECT_TRUE(values(problem, "Set-Cookie").empty()) << "nobody's attempt is ended from outside";
}

}  // namespace
}  // namespace piperoll::dialect::native
