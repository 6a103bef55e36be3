#pragma once
// SipHash-2-4 with 128 bits (Aumasson and Bernstein 2012): a hash for tables, of texts that
// strangers choose. Who does not know the key finds no two texts of one hash, nor the hash of a
// text. A quarter of the time of SHA-256 where the processor has no instructions for that. Whoever
// has the key can make collisions: not for what is shown, and where it is stored, as in the store's
// index of ids, the key is a secret of the directory and equality is asked of the texts themselves.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace piperoll::crypto {

inline constexpr std::size_t kKeyedHashBytes = 16;
inline constexpr std::size_t kKeyedHashKeyBytes = 16;
using KeyedHash = std::array<std::uint8_t, kKeyedHashBytes>;

// REQUIRES: key has kKeyedHashKeyBytes. Any thread; allocates nothing but once a thread.
KeyedHash keyed_hash(base::ByteView key, base::ByteView bytes);

}  // namespace piperoll::crypto
