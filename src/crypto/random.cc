#include "crypto/random.h"

#include <algorithm>

#include <openssl/rand.h>

#include "base/check.h"

namespace piperoll::crypto {

void random_bytes(char* into, std::size_t count) {
  constexpr std::size_t kAtOnce = std::size_t{1} << 20;  // RAND_bytes counts in int
  while (count > 0) {
    const std::size_t part = std::min(count, kAtOnce);
    CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(into), static_cast<int>(part)) == 1);
    into += part;
    count -= part;
  }
}

base::Bytes random_bytes(std::size_t count) {
  base::Bytes bytes(count, '\0');
  random_bytes(bytes.data(), count);
  return bytes;
}

}  // namespace piperoll::crypto
