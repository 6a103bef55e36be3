#include "service/request_limits.h"

#include <map>

#include <gtest/gtest.h>

namespace piperoll::service {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

operation::Call login(const std::string& email, const std::string& address) {
  operation::Call call;
  call.credential.kind = auth::Credential::Kind::Password;
  call.credential.login = std::make_shared<const auth::PasswordLogin>(
      auth::PasswordLogin{.email = email, .password = "x"});
  call.remote_address = address;
  return call;
}

TEST(RequestLimits, AnAddressOfSixCountsAsItsNetwork) {
  EXPECT_EQ(limit_key_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(limit_key_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(limit_key_of("2001:db8:1:2:ffff::1"), limit_key_of("2001:db8:1:2::2"));
  EXPECT_EQ(limit_key_of("::ffff:192.0.2.7"), "::ffff:192.0.2.7");
}

TEST(RequestLimits, LoginsAreLimitedByAccountAndByAddress) {
  RequestLimits limits(
      {.logins_per_address = {3, 60 * kSecond}, .logins_per_account = {2, 60 * kSecond}});
  std::vector<operation::LimitState> states;
  const auto code = [&](const std::string& email, const std::string& address) {
    states.clear();
    auto taken = limits.take_login(login(email, address), account_of(email, ""), 0, states);
    return taken ? std::string("good") : taken.error().code;
  };

  EXPECT_EQ(code("ann@example.com", "192.0.2.1"), "good");
  EXPECT_EQ(code("ANN@example.com", "192.0.2.1"), "good");
  EXPECT_EQ(code("Ann@example.com", "192.0.2.1"), "rate_limited");
  EXPECT_EQ(std::string_view(states.back().name), "account");
  EXPECT_EQ(states.back().retry_seconds, 30);
  EXPECT_EQ(code("ann@example.com", "192.0.2.2"), "good") << "who is elsewhere is let in";
  EXPECT_EQ(code("bob@example.com", "192.0.2.1"), "rate_limited");
  EXPECT_EQ(std::string_view(states.back().name), "logins");

  std::map<std::string, std::uint64_t> refused;
  for (const auto& [limit, count] : limits.refused()) {
    refused[limit] = count;
  }
  EXPECT_EQ(refused, (std::map<std::string, std::uint64_t>{
                         {"logins", 1}, {"account", 1}, {"address", 0}, {"credential", 0}}));
}

TEST(RequestLimits, ALoginWithAnIssuerCountsForItsAddressAlone) {
  RequestLimits limits(
      {.logins_per_address = {2, 60 * kSecond}, .logins_per_account = {1, 60 * kSecond}});
  std::vector<operation::LimitState> states;
  const auto taken = [&] {
    return limits.take_login(login("", "192.0.2.1"), std::nullopt, 0, states).has_value();
  };
  EXPECT_TRUE(taken());
  EXPECT_TRUE(taken());
  EXPECT_FALSE(taken());
}

TEST(RequestLimits, RequestsAreNotLimitedUntilThatIsSaid) {
  RequestLimits open({});
  RequestLimits limits({.per_credential = {1, 10 * kSecond}});
  operation::Call call;
  call.remote_address = "192.0.2.1";
  auth::Principal principal{.subject = "a"};
  std::vector<operation::LimitState> states;

  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(open.take_request(call, principal, 0, states).has_value());
  }
  EXPECT_TRUE(states.empty());
  EXPECT_TRUE(limits.take_request(call, principal, 0, states).has_value());
  EXPECT_EQ(limits.take_request(call, principal, 0, states).error().code, "rate_limited");
  principal.issuer = "b";
  EXPECT_TRUE(limits.take_request(call, principal, 0, states).has_value()) << "another one";
  principal = {.kind = auth::Principal::Kind::Command, .subject = "a"};
  EXPECT_TRUE(limits.take_request(call, principal, 0, states).has_value());
}

}  // namespace
}  // namespace piperoll::service
