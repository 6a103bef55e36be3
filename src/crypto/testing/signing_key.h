#pragma once
// Private keys for tests: fresh ones, whose signatures and public parts the code under test gets.

#include <memory>
#include <string>

#include "base/bytes.h"
#include "crypto/public_key.h"

namespace piperoll::crypto::testing {

class SigningKey {
 public:
  static SigningKey rsa(int bits = 2048);
  static SigningKey p256();
  static SigningKey p384();
  static SigningKey ed25519();

  base::Bytes sign(SignatureScheme scheme, base::ByteView message) const;
  base::Bytes sign_es256_der(base::ByteView message) const;  // as the library gives it

  std::string public_pem() const;
  std::string private_pem() const;
  base::Bytes modulus() const, exponent() const;  // RSA
  base::Bytes x() const, y() const;               // P-256
  base::Bytes point() const;                      // Ed25519

 private:
  explicit SigningKey(void* key);
  base::Bytes number(const char* parameter, std::size_t bytes) const;
  std::shared_ptr<void> key_;
};

}  // namespace piperoll::crypto::testing
