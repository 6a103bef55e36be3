#pragma once
// HMAC-SHA-256 (RFC 2104, RFC 4231). Compare tags with equal_constant_time only.

#include "base/bytes.h"
#include "crypto/sha256.h"

namespace piperoll::crypto {

// A key with both of its padded blocks hashed already: a short message costs two blocks of SHA-256.
// Immutable, thread-safe, copyable.
class HmacKey {
 public:
  explicit HmacKey(base::ByteView key);  // any length; longer than 64 bytes is hashed first
  Sha256Digest mac(base::ByteView message) const;

 private:
  Sha256 inner_, outer_;
};

base::Bytes hmac_sha256(base::ByteView key, base::ByteView message);  // 32 bytes

}  // namespace piperoll::crypto
