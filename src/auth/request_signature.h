#pragma once
// Requests that are signed with a key instead of showing it (BloodHound's bhesignature): three
// HMAC-SHA-256, each keyed by the one before. Immutable values, thread-safe.
//
//   1  key: the API key as it is shown   over: method, at once followed by the target with its
//   query 2  key: the result of 1              over: the date up to its hour, "2026-01-02T03" 3
//   key: the result of 2              over: the body
//
// Keys are kept as digests, with which no such chain can be begun. So there is kept beside the
// digest what HMAC makes of a key before it sees a message (crypto::HmacKey::state()), sealed under
// a key of the data directory: it can sign, and the API key cannot be found from it.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "crypto/hmac.h"

namespace piperoll::auth {

inline constexpr std::int64_t kSignatureSkewMicros = 3600 * base::kMicrosPerSecond;  // either way

struct SignedRequest {
  base::Uuid key_id;
  std::string method, target;  // as sent
  std::string date_hour;       // of the date, in the client's own zone
  base::Timestamp date;
  std::string body;
  base::Bytes signature;
};

crypto::Sha256Digest request_signature(const crypto::HmacKey& key, const SignedRequest& request);

class SigningVault {
 public:
  explicit SigningVault(base::ByteView sealing_key);  // REQUIRES: crypto::kSealKeyBytes

  base::Bytes seal(const base::Uuid& key_id, std::string_view api_key) const;
  // Nothing where it was sealed for another key, or under another sealing key.
  std::optional<crypto::HmacKey> open(const base::Uuid& key_id, base::ByteView sealed) const;

 private:
  const base::Bytes sealing_key_;
};

}  // namespace piperoll::auth
