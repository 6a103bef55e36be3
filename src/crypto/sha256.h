#pragma once
// SHA-256 (FIPS 180-4), whole or in pieces. Values: a Sha256 may be copied in the middle of a
// message, and both copies go on independently. One thread at a time.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace piperoll::crypto {

inline constexpr std::size_t kSha256Bytes = 32;
using Sha256Digest = std::array<std::uint8_t, kSha256Bytes>;

class Sha256 {
 public:
  Sha256();
  Sha256& update(base::ByteView bytes);
  // The digest of everything given to update(). Nothing may be called afterwards but reset().
  Sha256Digest finish();
  void reset();

  // The state between two blocks, 32 bytes: enough to go on from there, and not to find what was
  // hashed. REQUIRES: what was given to update() is whole blocks of 64 bytes.
  base::Bytes block_state() const;
  // Goes on after blocks of 64 bytes that led to this state. REQUIRES: 32 bytes.
  static Sha256 from_block_state(base::ByteView state, std::uint64_t blocks);

 private:
  // Room for the library's context, whose type stays out of this header.
  static constexpr std::size_t kContextBytes = 112;
  alignas(8) std::array<unsigned char, kContextBytes> context_;
};

// About 100 ns for 65 bytes; allocates nothing.
Sha256Digest sha256(base::ByteView bytes);

// The same bytes as text, for code that handles Bytes. The view is valid while digest is.
inline base::ByteView as_bytes(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace piperoll::crypto
