#include "crypto/aes.h"

#include <algorithm>

#include <openssl/evp.h>

#include "base/check.h"

namespace piperoll::crypto {

struct Aes256::Context {
  Context() : cipher(EVP_CIPHER_CTX_new()) { CHECK(cipher != nullptr); }
  ~Context() { EVP_CIPHER_CTX_free(cipher); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  EVP_CIPHER_CTX* cipher;
};

Aes256::Aes256(base::ByteView key) : context_(std::make_unique<Context>()) {
  CHECK(key.size() == kKeyBytes);
  CHECK(EVP_EncryptInit_ex(context_->cipher, EVP_aes_256_ecb(), nullptr,
                           reinterpret_cast<const unsigned char*>(key.data()), nullptr) == 1);
}

void Aes256::set_key(base::ByteView key) {
  CHECK(key.size() == kKeyBytes);
  CHECK(EVP_EncryptInit_ex(context_->cipher, nullptr, nullptr,
                           reinterpret_cast<const unsigned char*>(key.data()), nullptr) == 1);
}

Aes256::~Aes256() = default;
Aes256::Aes256(Aes256&&) noexcept = default;
Aes256& Aes256::operator=(Aes256&&) noexcept = default;

// Padding stays on, as it is by default, and is never finished: of whole blocks none is held back,
// and to turn it off would cost as much as two blocks with each key.
void Aes256::encrypt_blocks(const char* from, char* into, std::size_t count) {
  constexpr std::size_t kAtOnce = std::size_t{1} << 20;  // the library counts bytes in int
  while (count > 0) {
    const std::size_t part = std::min(count, kAtOnce);
    const int bytes = static_cast<int>(part * kBlockBytes);
    int written = 0;
    CHECK(EVP_EncryptUpdate(context_->cipher, reinterpret_cast<unsigned char*>(into), &written,
                            reinterpret_cast<const unsigned char*>(from), bytes) == 1);
    CHECK(written == bytes);
    from += bytes;
    into += bytes;
    count -= part;
  }
}

}  // namespace piperoll::crypto
