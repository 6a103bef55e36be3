// Compiled for AVX2.
#include "crypto/sha256_compress_internal.h"

namespace piperoll::crypto {

void sha256_compress_8(std::uint32_t (*state)[8], const unsigned char* const* blocks,
                       std::size_t count) {
  Compression<8>::run(state, blocks, count);
}

}  // namespace piperoll::crypto
