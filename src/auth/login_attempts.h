#pragma once
// Logins with an issuer that have begun and are not finished: what must fit when the browser comes
// back. In memory: a restart means that people begin again. Thread-safe.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/api_key.h"
#include "base/digest_hash.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/timestamp.h"

namespace piperoll::auth {

struct LoginAttempt {
  std::size_t login = 0;  // which of IssuerLogins
  std::string nonce;      // the ID token repeats it
  std::string verifier;   // of PKCE (RFC 7636)
  std::string return_to;
  base::Timestamp begun_at;
};

// An address on this server, for a Location header: "/" and then nothing that a browser could take
// for another host ("//", a backslash, white space), at most 2,048 printable ASCII characters.
bool is_local_address(std::string_view address);

// The challenge of PKCE S256 for a verifier.
std::string pkce_challenge(std::string_view verifier);

class LoginAttempts {
 public:
  static constexpr std::int64_t kLifetimeMicros = 600 * base::kMicrosPerSecond;
  // At most 3 KiB each; above it the oldest one ends.
  static constexpr std::size_t kCountMax = 10'000;

  struct Begun {
    std::string state;    // goes through the issuer
    std::string browser;  // stays with the browser
    LoginAttempt attempt;
  };
  // REQUIRES: is_local_address(return_to)
  Begun begin(std::size_t login, std::string return_to, base::Timestamp now);

  // Once: the attempt is over then, whatever comes of it. Nothing when the state is unknown, was
  // used, or is too old; and where another browser shows it, which leaves the attempt to its own.
  std::optional<LoginAttempt> take(std::string_view state, std::string_view browser,
                                   base::Timestamp now);
  std::size_t count() const;

 private:
  struct Kept {
    LoginAttempt attempt;
    KeyDigest browser;
  };
  void make_room(base::Timestamp now) REQUIRES_LOCK(mutex_);

  mutable base::Mutex mutex_;
  // By SHA-256 of their states: a look-up takes the same time whatever was guessed.
  std::unordered_map<KeyDigest, Kept, base::DigestHash> attempts_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::auth
