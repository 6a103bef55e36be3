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

  // What mac() needs, 64 bytes: tags can be made with it, the key cannot be found from it.
  base::Bytes state() const;
  static HmacKey from_state(base::ByteView state);  // REQUIRES: 64 bytes

 private:
  HmacKey(Sha256 inner, Sha256 outer) : inner_(inner), outer_(outer) {}
  Sha256 inner_, outer_;
};

base::Bytes hmac_sha256(base::ByteView key, base::ByteView message);  // 32 bytes

}  // namespace piperoll::crypto
