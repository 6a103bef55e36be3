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

// A message that its padding (FIPS 180-4 section 5.1.1) already follows, and where its digest goes.
struct PaddedMessage {
  const char* blocks = nullptr;
  std::size_t count = 0;  // of 64 bytes
  Sha256Digest* digest = nullptr;
};

inline constexpr std::size_t kSha256BlockBytes = 64;
// Room that pad_message() needs behind a message.
inline constexpr std::size_t kSha256PaddingMax = 72;
// Blocks of a message of so many bytes.
constexpr std::size_t sha256_blocks(std::size_t bytes) {
  return (bytes + 8) / kSha256BlockBytes + 1;
}
// Writes the padding behind a message; what lies behind that, up to kSha256PaddingMax from the
// message's end, is overwritten too. Returns sha256_blocks(bytes).
std::size_t pad_message(char* message, std::size_t bytes);

// The digests of all of them. Nothing is copied and lanes of like lengths go side by side, so this
// is faster than sha256_many() for whoever has texts in room of its own.
void sha256_padded(std::span<const PaddedMessage> messages, Sha256Lanes lanes = sha256_lanes());

}  // namespace piperoll::crypto
