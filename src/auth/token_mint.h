#pragma once
// Our own tokens: short-lived references to a key, for clients that change an id and a secret for a
// token first (Run:ai) or log in (Antidote). HS256 under a key of the data directory. Immutable,
// thread-safe.
//
// A token names a key or a user and holds nothing of its rights: those are looked up at each use,
// so that revoking the key, or changing the user, ends its tokens with it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/issuer.h"
#include "auth/token_verifier.h"
#include "base/timestamp.h"
#include "base/uuid.h"

namespace piperoll::auth {

inline constexpr std::int64_t kOwnTokenSeconds = 3600;

// "sub" of a user's token: "user:<id>:<generation>"; a key's is its id.
std::string user_subject(const base::Uuid& id, std::uint32_t generation);
struct UserSubject {
  base::Uuid id;
  std::uint32_t generation = 0;
};
std::optional<UserSubject> parse_user_subject(std::string_view subject);

struct MintedToken {
  std::string token;
  std::int64_t seconds = 0;  // it is good for
};

class TokenMint {
 public:
  // server_name: part of "iss" and "aud", so that the tokens of two servers are told apart.
  // REQUIRES: key.size() >= KeySet::kSecretBytesMin
  TokenMint(std::string_view server_name, base::ByteView key);

  // Never outlives the key.
  MintedToken mint(const std::string& subject, base::Timestamp now,
                   std::optional<base::Timestamp> key_expires_at) const;
  // What a TokenVerifier needs to believe them.
  TokenVerifier::Trusted trusted() const;

 private:
  const std::string issuer_;
  const base::Bytes key_;
  const crypto::HmacKey signing_key_;
};

}  // namespace piperoll::auth
