#include "crypto/constant_time.h"

#include <openssl/crypto.h>

namespace piperoll::crypto {

bool equal_constant_time(base::ByteView a, base::ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace piperoll::crypto
