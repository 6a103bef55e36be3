#include "service/request_limits.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::int64_t kSecond = 1'000'000;

std::int64_t seconds_up(std::int64_t micros) {
  return (micros + kSecond - 1) / kSecond;
}

// Takes one, and says of the bucket what clients are told. False: there was none. key(): whose
// bucket; asked for only where there is a limit.
template <typename Key>
bool take(auth::TokenBuckets& buckets, const char* name, const Key& key, std::int64_t now,
          std::vector<operation::LimitState>& states) {
  if (!buckets.rate().is_set()) {
    return true;
  }
  const auto verdict = buckets.take(key(), now);
  states.push_back(
      {.name = name,
       .quota = buckets.rate().quota,
       .window_seconds = seconds_up(buckets.rate().window_micros),
       .remaining = verdict.remaining,
       .reset_seconds = seconds_up(verdict.full_after_micros),
       .retry_seconds = verdict.allowed
                            ? 0
                            : std::max<std::int64_t>(1, seconds_up(verdict.retry_after_micros))});
  return verdict.allowed;
}

Error rate_limited(const std::vector<operation::LimitState>& states) {
  return {.kind = ErrorKind::ResourceExhausted,
          .message = "too many requests (limit \"" + std::string(states.back().name) +
                     "\"); try again in " + std::to_string(states.back().retry_seconds) + " s",
          .code = "rate_limited"};
}

// By RequestLimits::Limit.
constexpr const char* kNames[] = {"logins", "account", "address", "credential"};

}  // namespace

std::string account_of(std::string_view email, std::string_view organisation) {
  std::string account = std::string(email) + '\n' + std::string(organisation);
  for (char& c : account) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return account;
}

std::string limit_key_of(std::string_view address) {
  in6_addr v6 = {};
  if (::inet_pton(AF_INET6, std::string(address).c_str(), &v6) != 1 || IN6_IS_ADDR_V4MAPPED(&v6)) {
    return std::string(address);
  }
  char text[INET6_ADDRSTRLEN] = {};
  std::memset(v6.s6_addr + 8, 0, 8);
  ::inet_ntop(AF_INET6, &v6, text, sizeof text);
  return std::string(text) + "/64";
}

RequestLimits::RequestLimits(const RequestLimitOptions& options)
    : per_credential_(options.per_credential),
      per_address_(options.per_address),
      logins_per_address_(options.logins_per_address),
      logins_per_account_(options.logins_per_account) {}

Result<void> RequestLimits::refuse(Limit limit, const std::vector<operation::LimitState>& states) {
  refused_[limit].fetch_add(1, std::memory_order_relaxed);
  return rate_limited(states);
}

std::array<RequestLimits::Refused, 4> RequestLimits::refused() const {
  std::array<Refused, 4> all = {};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = {kNames[i], refused_[i].load(std::memory_order_relaxed)};
  }
  return all;
}

// By account and address together: somebody elsewhere who tries many passwords keeps nobody out.
Result<void> RequestLimits::take_login(const operation::Call& call,
                                       const std::optional<std::string>& account, std::int64_t now,
                                       std::vector<operation::LimitState>& states) {
  const auto from = [&] { return limit_key_of(call.remote_address); };
  const auto account_from = [&] { return *account + '\n' + from(); };
  if (!take(logins_per_address_, kNames[Logins], from, now, states)) {
    return refuse(Logins, states);
  }
  if (account && !take(logins_per_account_, kNames[Account], account_from, now, states)) {
    return refuse(Account, states);
  }
  return {};
}

Result<void> RequestLimits::take_request(const operation::Call& call,
                                         const auth::Principal& principal, std::int64_t now,
                                         std::vector<operation::LimitState>& states) {
  if (principal.kind == auth::Principal::Kind::Command) {
    return {};
  }
  const auto address = [&] { return limit_key_of(call.remote_address); };
  const auto credential = [&] { return principal.issuer + '\n' + principal.subject; };
  const bool nobody = principal.subject.empty();  // evidence that is public
  if (!take(per_address_, kNames[Address], address, now, states)) {
    return refuse(Address, states);
  }
  if (!nobody && !take(per_credential_, kNames[Credential], credential, now, states)) {
    return refuse(Credential, states);
  }
  return {};
}

}  // namespace piperoll::service
