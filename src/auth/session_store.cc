#include "auth/session_store.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/constant_time.h"
#include "crypto/random.h"

namespace piperoll::auth {

namespace {

constexpr std::size_t kIdBytes = 32;
constexpr std::size_t kRandomBytes = 16;
constexpr std::size_t kCsrfKeyBytes = 32;

std::string csrf_token(const crypto::HmacKey& key, std::string_view id, base::ByteView random) {
  const crypto::Sha256Digest tag = key.mac(std::string(id) + "|" + std::string(random));
  return base::base64url_encode(std::string(random) + std::string(crypto::as_bytes(tag)));
}

}  // namespace

SessionStore::SessionStore(SessionLimits limits)
    : limits_(limits), csrf_key_(crypto::random_bytes(kCsrfKeyBytes)) {}

bool SessionStore::has_ended(const Session& session, base::Timestamp now) const {
  return session.ends_at <= now || now.micros - session.used_at.micros >= limits_.idle_micros;
}

// Logins are rare and this is a walk over memory: nothing more is kept for it.
void SessionStore::make_room(base::Timestamp now) {
  if (sessions_.size() < limits_.count_max) {
    return;
  }
  std::erase_if(sessions_, [&](const auto& entry) { return has_ended(entry.second, now); });
  if (sessions_.size() >= limits_.count_max) {
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used_at < b.second.used_at; }));
  }
}

SessionStore::Opened SessionStore::open(SessionSubject subject, base::Timestamp now,
                                        std::optional<base::Timestamp> ends_by) {
  Opened opened;
  opened.id = base::base64url_encode(crypto::random_bytes(kIdBytes));
  opened.csrf_token = csrf_token(csrf_key_, opened.id, crypto::random_bytes(kRandomBytes));
  opened.session = {.subject = std::move(subject),
                    .opened_at = now,
                    .used_at = now,
                    .ends_at = {now.micros + limits_.absolute_micros}};
  if (ends_by) {
    opened.session.ends_at = std::min(opened.session.ends_at, *ends_by);
  }
  base::MutexLock lock(mutex_);
  make_room(now);
  ++opened_;
  sessions_[digest_of(opened.id)] = opened.session;
  return opened;
}

std::optional<Session> SessionStore::use(std::string_view id, base::Timestamp now) {
  const KeyDigest digest = digest_of(id);
  base::MutexLock lock(mutex_);
  auto found = sessions_.find(digest);
  if (found == sessions_.end()) {
    return std::nullopt;
  }
  if (has_ended(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used_at = std::max(found->second.used_at, now);
  return found->second;
}

bool SessionStore::csrf_matches(std::string_view id, std::string_view token) const {
  auto bytes = base::base64url_decode(token);
  return bytes && bytes->size() > kRandomBytes &&
         crypto::equal_constant_time(
             csrf_token(csrf_key_, id, base::ByteView(*bytes).substr(0, kRandomBytes)), token);
}

void SessionStore::close(std::string_view id) {
  const KeyDigest digest = digest_of(id);
  base::MutexLock lock(mutex_);
  sessions_.erase(digest);
}

std::size_t SessionStore::count() const {
  base::MutexLock lock(mutex_);
  return sessions_.size();
}

SessionStore::Stats SessionStore::stats(base::Timestamp now) const {
  base::MutexLock lock(mutex_);
  const auto open = std::count_if(sessions_.begin(), sessions_.end(),
                                  [&](const auto& entry) { return !has_ended(entry.second, now); });
  return {static_cast<std::size_t>(open), opened_};
}

}  // namespace piperoll::auth
