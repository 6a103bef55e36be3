#include "crypto/seal.h"

#include <memory>

#include <openssl/evp.h>

#include "base/check.h"
#include "crypto/random.h"

namespace piperoll::crypto {

namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr int kTagBytes = 16;
static_assert(kNonceBytes + kTagBytes == kSealOverhead);

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const unsigned char* in(base::ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(base::Bytes& bytes, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + at;
}
int length(base::ByteView bytes) {
  return static_cast<int>(bytes.size());
}

}  // namespace

base::Bytes seal(base::ByteView key, base::ByteView context, base::ByteView secret) {
  CHECK(key.size() == kSealKeyBytes);
  Context cipher(EVP_CIPHER_CTX_new());
  base::Bytes sealed = random_bytes(kNonceBytes);
  sealed.resize(kNonceBytes + secret.size() + kTagBytes);
  int written = 0;
  CHECK(cipher &&
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, in(key), in(sealed)) == 1);
  CHECK(EVP_EncryptUpdate(cipher.get(), nullptr, &written, in(context), length(context)) == 1);
  CHECK(EVP_EncryptUpdate(cipher.get(), out(sealed, kNonceBytes), &written, in(secret),
                          length(secret)) == 1);
  CHECK(EVP_EncryptFinal_ex(cipher.get(), out(sealed, kNonceBytes + secret.size()), &written) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                            out(sealed, kNonceBytes + secret.size())) == 1);
  return sealed;
}

std::optional<base::Bytes> open_sealed(base::ByteView key, base::ByteView context,
                                       base::ByteView sealed) {
  CHECK(key.size() == kSealKeyBytes);
  if (sealed.size() < kSealOverhead) {
    return std::nullopt;
  }
  const base::ByteView body = sealed.substr(kNonceBytes, sealed.size() - kSealOverhead);
  base::Bytes tag(sealed.substr(sealed.size() - kTagBytes));
  base::Bytes secret(body.size(), '\0');
  Context cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool good =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, in(key), in(sealed)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, in(context), length(context)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out(secret), &written, in(body), length(body)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, out(tag)) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out(secret, secret.size()), &written) == 1;
  return good ? std::optional(std::move(secret)) : std::nullopt;
}

}  // namespace piperoll::crypto
