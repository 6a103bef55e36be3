#pragma once
// Argon2id (RFC 9106): what a password is kept as. Slow and hungry on purpose; never on a network
// thread. Pure function.

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::crypto {

struct Argon2Cost {
  std::uint32_t memory_kib = 0, passes = 0, lanes = 0;
  bool operator==(const Argon2Cost&) const = default;
};

// bytes of tag. InvalidArgument: cost, salt (under 8 bytes) or bytes (under 4) that RFC 9106 does
// not allow. ResourceExhausted: no memory.
base::Result<base::Bytes> argon2id(base::ByteView password, base::ByteView salt,
                                   const Argon2Cost& cost, std::size_t bytes);

}  // namespace piperoll::crypto
