#include "crypto/keyed_hash.h"

#include <memory>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/freed_by.h"

namespace piperoll::crypto {
namespace {

using MacContext = std::unique_ptr<EVP_MAC_CTX, base::FreedBy<EVP_MAC_CTX_free>>;

MacContext make_context() {
  const std::unique_ptr<EVP_MAC, base::FreedBy<EVP_MAC_free>> algorithm(
      EVP_MAC_fetch(nullptr, "SIPHASH", nullptr));
  CHECK(algorithm != nullptr);
  MacContext context(EVP_MAC_CTX_new(algorithm.get()));
  CHECK(context != nullptr);
  std::size_t size = kKeyedHashBytes;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                   OSSL_PARAM_construct_end()};
  CHECK(EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
  return context;
}

const unsigned char* data_of(base::ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

KeyedHash keyed_hash(base::ByteView key, base::ByteView bytes) {
  CHECK(key.size() == kKeyedHashKeyBytes);
  thread_local const MacContext kContext = make_context();
  KeyedHash hash;
  std::size_t size = 0;
  CHECK(EVP_MAC_init(kContext.get(), data_of(key), key.size(), nullptr) == 1 &&
        EVP_MAC_update(kContext.get(), data_of(bytes), bytes.size()) == 1 &&
        EVP_MAC_final(kContext.get(), hash.data(), &size, hash.size()) == 1 && size == hash.size());
  return hash;
}

}  // namespace piperoll::crypto
