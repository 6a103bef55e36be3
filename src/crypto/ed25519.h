#pragma once
// Ed25519 (RFC 8032, the pure variant): keys from 32-byte seeds, signatures, their verification.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::crypto {

inline constexpr std::size_t kEd25519SeedBytes = 32;
inline constexpr std::size_t kEd25519PublicKeyBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

using Ed25519PublicKey = std::array<std::uint8_t, kEd25519PublicKeyBytes>;
using Ed25519Signature = std::array<std::uint8_t, kEd25519SignatureBytes>;

// A private key. Immutable, thread-safe, movable; the seed is wiped when the last of it goes.
class Ed25519PrivateKey {
 public:
  // InvalidArgument when seed has not kEd25519SeedBytes.
  static base::Result<Ed25519PrivateKey> from_seed(base::ByteView seed);
  ~Ed25519PrivateKey();
  Ed25519PrivateKey(Ed25519PrivateKey&&) noexcept;
  Ed25519PrivateKey& operator=(Ed25519PrivateKey&&) noexcept;

  const Ed25519PublicKey& public_key() const;
  // What from_seed took: for writing the key down. A secret.
  base::Bytes seed() const;
  // Deterministic: the same message has the same signature. About 50 us.
  Ed25519Signature sign(base::ByteView message) const;

 private:
  struct Key;
  explicit Ed25519PrivateKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// False for a signature or a key of the wrong length, one that is no point, or another message.
// Pure function, about 120 us.
bool ed25519_verify(base::ByteView public_key, base::ByteView message, base::ByteView signature);

inline base::ByteView as_bytes(const Ed25519Signature& signature) {
  return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

}  // namespace piperoll::crypto
