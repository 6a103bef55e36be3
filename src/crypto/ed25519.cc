#include "crypto/ed25519.h"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace piperoll::crypto {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using PkeyPointer = std::unique_ptr<EVP_PKEY, Free>;
using ContextPointer = std::unique_ptr<EVP_MD_CTX, Free>;

const unsigned char* data_of(base::ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

ContextPointer new_context() {
  ContextPointer context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  return context;
}

}  // namespace

struct Ed25519PrivateKey::Key {
  ~Key() { OPENSSL_cleanse(seed.data(), seed.size()); }
  PkeyPointer pkey;
  Ed25519PublicKey public_key{};
  std::array<char, kEd25519SeedBytes> seed{};
};

Ed25519PrivateKey::Ed25519PrivateKey(std::unique_ptr<Key> key) : key_(std::move(key)) {}
Ed25519PrivateKey::~Ed25519PrivateKey() = default;
Ed25519PrivateKey::Ed25519PrivateKey(Ed25519PrivateKey&&) noexcept = default;
Ed25519PrivateKey& Ed25519PrivateKey::operator=(Ed25519PrivateKey&&) noexcept = default;

base::Result<Ed25519PrivateKey> Ed25519PrivateKey::from_seed(base::ByteView seed) {
  if (seed.size() != kEd25519SeedBytes) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "an Ed25519 seed has 32 bytes"};
  }
  auto key = std::make_unique<Key>();
  std::copy(seed.begin(), seed.end(), key->seed.begin());
  key->pkey.reset(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, data_of(seed), seed.size()));
  CHECK(key->pkey != nullptr);
  std::size_t length = key->public_key.size();
  CHECK(EVP_PKEY_get_raw_public_key(key->pkey.get(), key->public_key.data(), &length) == 1);
  CHECK(length == kEd25519PublicKeyBytes);
  return Ed25519PrivateKey(std::move(key));
}

const Ed25519PublicKey& Ed25519PrivateKey::public_key() const {
  return key_->public_key;
}

base::Bytes Ed25519PrivateKey::seed() const {
  return {key_->seed.data(), key_->seed.size()};
}

Ed25519Signature Ed25519PrivateKey::sign(base::ByteView message) const {
  const ContextPointer context = new_context();
  Ed25519Signature signature;
  std::size_t length = signature.size();
  CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->pkey.get()) == 1);
  CHECK(EVP_DigestSign(context.get(), signature.data(), &length, data_of(message),
                       message.size()) == 1);
  CHECK(length == kEd25519SignatureBytes);
  return signature;
}

bool ed25519_verify(base::ByteView public_key, base::ByteView message, base::ByteView signature) {
  if (public_key.size() != kEd25519PublicKeyBytes || signature.size() != kEd25519SignatureBytes) {
    return false;
  }
  const PkeyPointer pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(public_key),
                                                     public_key.size()));
  const ContextPointer context = new_context();
  const bool good =
      pkey != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
      EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(message),
                       message.size()) == 1;
  if (!good) {
    ERR_clear_error();  // the library leaves a note for the thread's next reader
  }
  return good;
}

}  // namespace piperoll::crypto
