#include "crypto/testing/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/check.h"

namespace piperoll::crypto::testing {

namespace {

EVP_PKEY* library_key(const std::shared_ptr<void>& key) {
  return static_cast<EVP_PKEY*>(key.get());
}

base::Bytes sign_with(EVP_PKEY* key, const EVP_MD* digest, bool pss, base::ByteView message) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  CHECK(EVP_DigestSignInit(context, &key_context, digest, nullptr, key) == 1);
  if (pss) {
    CHECK(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1);
    CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, 32) == 1);
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t length = 0;
  CHECK(EVP_DigestSign(context, nullptr, &length, bytes, message.size()) == 1);
  base::Bytes signature(length, '\0');
  CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length, bytes,
                       message.size()) == 1);
  signature.resize(length);
  EVP_MD_CTX_free(context);
  return signature;
}

template <class Write>
std::string pem_text(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  CHECK(write(bio) == 1);
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  std::string out(text, static_cast<std::size_t>(length));
  BIO_free(bio);
  return out;
}

}  // namespace

SigningKey::SigningKey(void* key)
    : key_(key, [](void* owned) { EVP_PKEY_free(static_cast<EVP_PKEY*>(owned)); }) {
  CHECK(key != nullptr);
}

SigningKey SigningKey::rsa(int bits) {
  return SigningKey(EVP_RSA_gen(static_cast<unsigned>(bits)));
}
SigningKey SigningKey::p256() {
  return SigningKey(EVP_EC_gen("P-256"));
}
SigningKey SigningKey::p384() {
  return SigningKey(EVP_EC_gen("P-384"));
}
SigningKey SigningKey::ed25519() {
  return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

base::Bytes SigningKey::sign_es256_der(base::ByteView message) const {
  return sign_with(library_key(key_), EVP_sha256(), false, message);
}

base::Bytes SigningKey::sign(SignatureScheme scheme, base::ByteView message) const {
  if (scheme == SignatureScheme::Ed25519) {
    return sign_with(library_key(key_), nullptr, false, message);
  }
  if (scheme != SignatureScheme::Es256) {
    return sign_with(library_key(key_), EVP_sha256(), scheme == SignatureScheme::Ps256, message);
  }
  const base::Bytes der = sign_es256_der(message);
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  CHECK(parts != nullptr);
  unsigned char raw[64];
  CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(parts), raw, 32) == 32);
  CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(parts), raw + 32, 32) == 32);
  ECDSA_SIG_free(parts);
  return base::Bytes(reinterpret_cast<char*>(raw), sizeof raw);
}

std::string SigningKey::public_pem() const {
  return pem_text([this](BIO* bio) { return PEM_write_bio_PUBKEY(bio, library_key(key_)); });
}

std::string SigningKey::private_pem() const {
  return pem_text([this](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, library_key(key_), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

// bytes 0: as many as it needs.
base::Bytes SigningKey::number(const char* parameter, std::size_t bytes) const {
  BIGNUM* value = nullptr;
  CHECK(EVP_PKEY_get_bn_param(library_key(key_), parameter, &value) == 1);
  base::Bytes out(bytes == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : bytes, '\0');
  CHECK(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()),
                     static_cast<int>(out.size())) >= 0);
  BN_free(value);
  return out;
}

base::Bytes SigningKey::modulus() const {
  return number(OSSL_PKEY_PARAM_RSA_N, 0);
}
base::Bytes SigningKey::exponent() const {
  return number(OSSL_PKEY_PARAM_RSA_E, 0);
}
base::Bytes SigningKey::x() const {
  return number(OSSL_PKEY_PARAM_EC_PUB_X, 32);
}
base::Bytes SigningKey::y() const {
  return number(OSSL_PKEY_PARAM_EC_PUB_Y, 32);
}

base::Bytes SigningKey::point() const {
  unsigned char raw[32];
  std::size_t length = sizeof raw;
  CHECK(EVP_PKEY_get_raw_public_key(library_key(key_), raw, &length) == 1);
  return base::Bytes(reinterpret_cast<char*>(raw), length);
}

}  // namespace piperoll::crypto::testing
