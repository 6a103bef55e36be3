#pragma once
// Sessions of browsers: opaque 256-bit ids in cookies, everything else here, in memory, so that a
// restart ends them. Thread-safe.
//
// A session names who opened it and holds nothing of their rights: those are looked up at each
// request. It ends when it was not used for a while, when it is old, and when it is closed; and
// with what it names (a revoked key, a changed user).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "auth/api_key.h"
#include "auth/issuer.h"
#include "auth/token_mint.h"
#include "base/digest_hash.h"
#include "base/mutex.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "crypto/hmac.h"

namespace piperoll::auth {

struct KeySubject {
  base::Uuid id;
};
// A key, a user, or what an issuer's token said.
using SessionSubject = std::variant<KeySubject, UserSubject, std::shared_ptr<const TokenIdentity>>;

struct Session {
  SessionSubject subject;
  base::Timestamp opened_at;
  base::Timestamp used_at;
  base::Timestamp ends_at;  // however much it is used
};

struct SessionLimits {
  std::int64_t idle_micros = 30 * 60 * base::kMicrosPerSecond;
  std::int64_t absolute_micros = 12 * 3600 * base::kMicrosPerSecond;
  // Some 500 bytes each; above it the one that was not used for longest ends.
  std::size_t count_max = 10'000;
};

class SessionStore {
 public:
  explicit SessionStore(SessionLimits limits = {});

  struct Opened {
    std::string id;          // for the cookie: 43 characters
    std::string csrf_token;  // for the page
    Session session;
  };
  // ends_by: it ends then at the latest.
  Opened open(SessionSubject subject, base::Timestamp now,
              std::optional<base::Timestamp> ends_by = std::nullopt);
  // The session, which counts as used now; nothing when it is unknown or has ended.
  std::optional<Session> use(std::string_view id, base::Timestamp now);
  // Whether the token was made for that session.
  bool csrf_matches(std::string_view id, std::string_view token) const;
  void close(std::string_view id);  // nothing happens when there is none
  std::size_t count() const;
  // For metrics: how many are open now, and how many were opened ever.
  struct Stats {
    std::size_t open = 0;
    std::uint64_t opened = 0;
  };
  Stats stats(base::Timestamp now) const;
  const SessionLimits& limits() const { return limits_; }

 private:
  bool has_ended(const Session& session, base::Timestamp now) const;
  void make_room(base::Timestamp now) REQUIRES_LOCK(mutex_);

  const SessionLimits limits_;
  const crypto::HmacKey csrf_key_;  // of this process: sessions do not outlive it
  mutable base::Mutex mutex_;
  std::uint64_t opened_ GUARDED_BY(mutex_) = 0;
  // By SHA-256 of their ids: what is looked up takes the same time whatever was guessed.
  std::unordered_map<KeyDigest, Session, base::DigestHash> sessions_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::auth
