#include "auth/login_attempts.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "crypto/constant_time.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace piperoll::auth {

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kReturnToBytesMax = 2'048;

std::string new_secret() {
  return base::base64url_encode(crypto::random_bytes(kSecretBytes));
}

bool is_too_old(const LoginAttempt& attempt, base::Timestamp now) {
  return now.micros - attempt.begun_at.micros >= LoginAttempts::kLifetimeMicros;
}

}  // namespace

bool is_local_address(std::string_view address) {
  return address.starts_with('/') && !address.starts_with("//") &&
         address.size() <= kReturnToBytesMax &&
         std::all_of(address.begin(), address.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
}

std::string pkce_challenge(std::string_view verifier) {
  const crypto::Sha256Digest digest = crypto::sha256(verifier);
  return base::base64url_encode(crypto::as_bytes(digest));
}

// Seldom, and a walk over memory: nothing more is kept for it.
void LoginAttempts::make_room(base::Timestamp now) {
  if (attempts_.size() < kCountMax) {
    return;
  }
  std::erase_if(attempts_,
                [&](const auto& entry) { return is_too_old(entry.second.attempt, now); });
  if (attempts_.size() >= kCountMax) {
    attempts_.erase(
        std::min_element(attempts_.begin(), attempts_.end(), [](const auto& a, const auto& b) {
          return a.second.attempt.begun_at < b.second.attempt.begun_at;
        }));
  }
}

LoginAttempts::Begun LoginAttempts::begin(std::size_t login, std::string return_to,
                                          base::Timestamp now) {
  Begun begun{.state = new_secret(),
              .browser = new_secret(),
              .attempt = {.login = login,
                          .nonce = new_secret(),
                          .verifier = new_secret(),
                          .return_to = std::move(return_to),
                          .begun_at = now}};
  base::MutexLock lock(mutex_);
  make_room(now);
  attempts_[digest_of(begun.state)] = {begun.attempt, digest_of(begun.browser)};
  return begun;
}

std::optional<LoginAttempt> LoginAttempts::take(std::string_view state, std::string_view browser,
                                                base::Timestamp now) {
  const KeyDigest digest = digest_of(state);
  const KeyDigest shown = digest_of(browser);
  base::MutexLock lock(mutex_);
  auto found = attempts_.find(digest);
  if (found == attempts_.end() ||
      !crypto::equal_constant_time(crypto::as_bytes(shown),
                                   crypto::as_bytes(found->second.browser))) {
    return std::nullopt;
  }
  LoginAttempt attempt = std::move(found->second.attempt);
  attempts_.erase(found);
  return is_too_old(attempt, now) ? std::nullopt : std::optional(std::move(attempt));
}

std::size_t LoginAttempts::count() const {
  base::MutexLock lock(mutex_);
  return attempts_.size();
}

}  // namespace piperoll::auth
