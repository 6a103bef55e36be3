#pragma once
// All issuers that are believed here, and the tokens of theirs that were verified lately.
// Thread-safe.

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/issuer.h"
#include "auth/key_source.h"
#include "base/digest_hash.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "crypto/keyed_hash.h"
#include "crypto/random.h"

namespace piperoll::auth {

class TokenVerifier {
 public:
  struct Trusted {
    Issuer issuer;
    std::unique_ptr<KeySource> keys;
  };
  using IdentityPointer = std::shared_ptr<const TokenIdentity>;
  // About 500 bytes each.
  static constexpr std::size_t kRememberedMax = 20'000;

  explicit TokenVerifier(std::vector<Trusted> trusted)
      : trusted_(std::move(trusted)), hash_key_(crypto::random_bytes(crypto::kKeyedHashKeyBytes)) {}

  bool has_issuers() const { return !trusted_.empty(); }
  // A token that was verified before, has not expired since, and whose issuer has the same keys
  // still; null else. About 1 us: for network threads.
  IdentityPointer recall(std::string_view token, base::Timestamp now) const;
  // Verifies a token, up to 100 us, and remembers it. InvalidArgument as verify_token(), with
  // "bad_token" for an issuer that nobody configured.
  base::Result<IdentityPointer> verify(std::string_view token, base::Timestamp now);
  // After "unknown_key": as KeySource::refresh() of the token's issuer.
  bool refresh(std::string_view token, std::function<void()> done);
  const std::vector<Trusted>& trusted() const { return trusted_; }
  // Fetches no keys any more; nobody waits after it.
  void stop();

 private:
  struct Remembered {
    IdentityPointer identity;
    const Trusted* by = nullptr;
    std::shared_ptr<const KeySet> keys;
  };
  // By the keyed hash of their text: the text itself is not kept.
  using Generation = std::unordered_map<crypto::KeyedHash, Remembered, base::DigestHash>;

  const Trusted* trusted_for(const SignedToken& token) const;
  void remember(std::string_view token, Remembered remembered);

  const std::vector<Trusted> trusted_;
  const base::Bytes hash_key_;  // of this process
  mutable base::Mutex mutex_;
  // Half of what may be remembered each: when the younger one is full, the older one is forgotten.
  mutable Generation younger_ GUARDED_BY(mutex_), older_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::auth
