#pragma once
// Small secrets enciphered and authenticated: AES-256-GCM (NIST SP 800-38D) with random nonces,
// which is safe for 2^32 of them under one key. Pure but for the nonce.

#include <optional>

#include "base/bytes.h"

namespace piperoll::crypto {

inline constexpr std::size_t kSealKeyBytes = 32;
inline constexpr std::size_t kSealOverhead = 28;  // nonce of 12 bytes before, tag of 16 after

// context: what the secret belongs to; it opens there and nowhere else.
// REQUIRES: key.size() == kSealKeyBytes
base::Bytes seal(base::ByteView key, base::ByteView context, base::ByteView secret);
// Nothing when it was not sealed with this key and context, or was changed.
std::optional<base::Bytes> open_sealed(base::ByteView key, base::ByteView context,
                                       base::ByteView sealed);

}  // namespace piperoll::crypto
