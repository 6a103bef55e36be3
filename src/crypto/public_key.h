#pragma once
// Public keys of others and the signatures made with them: RSA (RFC 8017), ECDSA on P-256 (FIPS
// 186-5) and Ed25519 (RFC 8032). Immutable, thread-safe; copies share one key.

#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::crypto {

enum class PublicKeyKind { Rsa, P256, Ed25519 };

enum class SignatureScheme {
  Rs256,   // RSASSA-PKCS1-v1_5 with SHA-256
  Ps256,   // RSASSA-PSS with SHA-256, MGF1 with SHA-256, salt of 32 bytes
  Es256,   // ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each, not DER
  Ed25519  // the signature is 64 bytes
};

class PublicKey {
 public:
  // Big-endian numbers. InvalidArgument under 2048 bits, over 8192 (they make every check slow), or
  // with an exponent that is even, 1 or longer than 64 bits.
  static base::Result<PublicKey> from_rsa(base::ByteView modulus, base::ByteView exponent);
  // Coordinates of 32 bytes each; InvalidArgument for a point that is not on the curve.
  static base::Result<PublicKey> from_p256(base::ByteView x, base::ByteView y);
  static base::Result<PublicKey> from_ed25519(base::ByteView point);  // 32 bytes

  PublicKeyKind kind() const { return kind_; }
  // False for a scheme of another kind of key, and for a signature of the wrong length. About 30 us
  // for RSA of 2048 bits, 70 us for P-256, 40 us for Ed25519.
  bool verifies(SignatureScheme scheme, base::ByteView message, base::ByteView signature) const;

 private:
  friend struct PublicKeyAccess;
  PublicKey(PublicKeyKind kind, std::shared_ptr<void> key) : kind_(kind), key_(std::move(key)) {}
  PublicKeyKind kind_;
  std::shared_ptr<void> key_;  // the library's, whose type stays out of this header
};

// Every key of a PEM text, in its order: PUBLIC KEY, RSA PUBLIC KEY and CERTIFICATE (of which only
// the key is looked at, not who signed it or how long it is valid). InvalidArgument when there is
// none, for a block of another kind (a private key has no business here), and for a key that is
// none of ours.
base::Result<std::vector<PublicKey>> read_pem_keys(std::string_view pem);

}  // namespace piperoll::crypto
