#pragma once
// SHA-256 of many messages at once. Where the processor has wide vectors, 8 or 16 messages go side
// by side, one in each lane; what to use is chosen at run time. Pure functions.

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "crypto/sha256.h"

namespace piperoll::crypto {

enum class Sha256Lanes : std::uint8_t { One = 1, Eight = 8, Sixteen = 16 };

// The fastest here: 16 lanes with AVX-512; else one with the SHA extensions; else 8 with AVX2.
Sha256Lanes sha256_lanes();
bool is_supported(Sha256Lanes lanes);

// digests[i] of messages[i]. REQUIRES: as many digests as messages; lanes are supported. Messages
// of like lengths side by side leave the fewest lanes idle.
void sha256_many(std::span<const base::ByteView> messages, std::span<Sha256Digest> digests,
                 Sha256Lanes lanes = sha256_lanes());

}  // namespace piperoll::crypto
