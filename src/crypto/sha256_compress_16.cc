// Compiled for AVX-512.
#include "crypto/sha256_compress_internal.h"

namespace piperoll::crypto {

void sha256_compress_16(std::uint32_t (*state)[16], const unsigned char* const* blocks) {
  Compression<16>::run(state, blocks);
}

}  // namespace piperoll::crypto
