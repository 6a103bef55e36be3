// Compiled for AVX-512.
#include <immintrin.h>

#include "crypto/sha256_compress_internal.h"

namespace piperoll::crypto {
namespace {

using Words = Compression<16>::Vector;

// Where column j of a row comes from: below 16 from the first of two rows, else from the second.
template <bool Second>
[[gnu::always_inline]] inline __m512i sources(unsigned distance) {
  alignas(64) std::uint32_t from[16];
#pragma GCC unroll 16
  for (unsigned j = 0; j < 16; ++j) {
    const bool is_upper = (j & distance) != 0;
    from[j] = Second ? (is_upper ? 16 + j : j ^ distance) : (is_upper ? 16 + (j ^ distance) : j);
  }
  return _mm512_load_si512(from);
}

// Rows that lie distance apart exchange what is on the wrong side of them.
template <unsigned Distance>
[[gnu::always_inline]] inline void exchange(__m512i* rows) {
  const __m512i first = sources<false>(Distance), second = sources<true>(Distance);
#pragma GCC unroll 16
  for (unsigned i = 0; i < 16; ++i) {
    if ((i & Distance) == 0) {
      const __m512i row = rows[i];
      rows[i] = _mm512_permutex2var_epi32(row, first, rows[i + Distance]);
      rows[i + Distance] = _mm512_permutex2var_epi32(row, second, rows[i + Distance]);
    }
  }
}

// A vector holds a whole block, so that sixteen blocks are a square: transposed, they are words.
struct LoadSquare {
  [[gnu::always_inline]] void operator()(Words* words, const unsigned char* const* blocks,
                                         std::size_t offset) const {
    __m512i rows[16];
#pragma GCC unroll 16
    for (unsigned lane = 0; lane < 16; ++lane) {
      rows[lane] = _mm512_loadu_si512(blocks[lane] + offset);
    }
    exchange<8>(rows);
    exchange<4>(rows);
    exchange<2>(rows);
    exchange<1>(rows);
#pragma GCC unroll 16
    for (unsigned t = 0; t < 16; ++t) {
      const auto word = reinterpret_cast<Words>(rows[t]);
      const Words left = word << 8 | word >> 24, right = word << 24 | word >> 8;
      words[t] = (left & 0x00ff00ff) | (right & 0xff00ff00);
    }
  }
};

}  // namespace

void sha256_compress_16(std::uint32_t (*state)[16], const unsigned char* const* blocks,
                        std::size_t count) {
  Compression<16>::run(state, blocks, count, LoadSquare());
}

}  // namespace piperoll::crypto
