#pragma once
// How many requests a credential and an address may make, and how many logins may be tried.
// Thread-safe.
//
// A refused key or token is never limited: it is 401, and too long to be guessed. Passwords are
// not, so their logins are limited before they are looked at, whatever the configuration says of
// the rest.

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/principal.h"
#include "auth/token_buckets.h"
#include "base/clock.h"
#include "base/result.h"
#include "operation/operation.h"
#include "operation/outcome.h"

namespace piperoll::service {

struct RequestLimitOptions {
  auth::Rate per_credential, per_address;  // not set: no limit
  auth::Rate logins_per_address{.quota = 60, .window_micros = 60'000'000};
  auth::Rate logins_per_account{.quota = 20, .window_micros = 60'000'000};
};

class RequestLimits {
 public:
  explicit RequestLimits(const RequestLimitOptions& options);

  // Of a login that has not been looked at. account: whose password is tried (account_of());
  // nothing for a login with an issuer, where nothing is guessed here. ResourceExhausted
  // "rate_limited". states: what is said of the limits that counted.
  base::Result<void> take_login(const operation::Call& call,
                                const std::optional<std::string>& account, std::int64_t now,
                                std::vector<operation::LimitState>& states);
  // Of a request whose credential was accepted.
  base::Result<void> take_request(const operation::Call& call, const auth::Principal& principal,
                                  std::int64_t now, std::vector<operation::LimitState>& states);

  // How many each limit has refused, by the name that clients are told.
  struct Refused {
    const char* limit = "";
    std::uint64_t count = 0;
  };
  std::array<Refused, 4> refused() const;

 private:
  enum Limit : std::size_t { Logins, Account, Address, Credential };
  base::Result<void> refuse(Limit limit, const std::vector<operation::LimitState>& states);
  std::array<std::atomic<std::uint64_t>, 4> refused_ = {};
  auth::TokenBuckets per_credential_, per_address_, logins_per_address_, logins_per_account_;
};

// The account that a login is for, in any case.
std::string account_of(std::string_view email, std::string_view organisation);

// What an address counts as: itself; of IPv6 the network of 64 bits that one customer has.
std::string limit_key_of(std::string_view address);

}  // namespace piperoll::service
