#include "ingest/content_digest.h"

#include <limits>

#include "base/coding.h"
#include "crypto/constant_time.h"
#include "event/event_encoding.h"

namespace piperoll::ingest {

namespace {

constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kDigestBytes = kMacBytes + 8;
constexpr auto kLeftOut = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::min());

}  // namespace

std::string content_digest(const crypto::HmacKey& key, base::ByteView encoded_event,
                           std::optional<base::Timestamp> occurred_at) {
  auto mac = key.mac(event::fingerprint_part(encoded_event));
  std::string digest(reinterpret_cast<const char*>(mac.data()), kMacBytes);
  base::put_be64(digest, occurred_at ? static_cast<std::uint64_t>(occurred_at->micros) : kLeftOut);
  return digest;
}

bool same_content(std::string_view digest_a, std::string_view digest_b) {
  if (digest_a.size() != kDigestBytes || digest_b.size() != kDigestBytes) {
    return false;
  }
  std::uint64_t time_a = base::load_be64(digest_a.data() + kMacBytes);
  std::uint64_t time_b = base::load_be64(digest_b.data() + kMacBytes);
  bool same_time = time_a == time_b || time_a == kLeftOut || time_b == kLeftOut;
  return same_time &&
         crypto::equal_constant_time(digest_a.substr(0, kMacBytes), digest_b.substr(0, kMacBytes));
}

}  // namespace piperoll::ingest
