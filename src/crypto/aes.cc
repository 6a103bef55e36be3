#include "crypto/aes.h"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace piperoll::crypto {
namespace {

const unsigned char* bytes_of(base::ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

constexpr std::size_t kRounds = 14;

}  // namespace

struct Aes256::Context {
  explicit Context(AesEngine chosen) : engine(chosen) {
    if (engine == AesEngine::Library) {
      cipher = EVP_CIPHER_CTX_new();
      CHECK(cipher != nullptr);
    }
  }
  ~Context() {
    EVP_CIPHER_CTX_free(cipher);
    OPENSSL_cleanse(round_keys.data(), sizeof round_keys);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const AesEngine engine;
  EVP_CIPHER_CTX* cipher = nullptr;  // of the library
  // Of the processor: what each round adds.
  alignas(16) std::array<std::array<unsigned char, kBlockBytes>, kRounds + 1> round_keys;
};

#if defined(__x86_64__)
namespace {

// The next half of the key schedule (FIPS 197 section 5.2) from the half before it and the one
// between. The last word of between stands in all four places when it goes through the S-box, so
// that the shifting of rows, which the instruction does too, changes nothing.
template <unsigned char RoundConstant, bool Rotated>
[[gnu::target("aes,sse4.1"), gnu::always_inline]] inline __m128i next_half(__m128i before,
                                                                           __m128i between) {
  const __m128i last_word =
      Rotated ? _mm_setr_epi8(13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12)
              : _mm_setr_epi8(12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15);
  const __m128i added =
      _mm_aesenclast_si128(_mm_shuffle_epi8(between, last_word), _mm_set1_epi32(RoundConstant));
  before = _mm_xor_si128(before, _mm_slli_si128(before, 4));
  before = _mm_xor_si128(before, _mm_slli_si128(before, 8));
  return _mm_xor_si128(before, added);
}

template <class RoundKeys>
[[gnu::target("aes,sse4.1")]] void expand_key(const unsigned char* key, RoundKeys& round_keys) {
  auto* const out = reinterpret_cast<__m128i*>(round_keys.data());
  __m128i even = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key));
  __m128i odd = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key) + 1);
  const auto store = [&](std::size_t at) {
    _mm_store_si128(out + at, even);
    _mm_store_si128(out + at + 1, odd);
  };
  store(0);
  even = next_half<1, true>(even, odd), odd = next_half<0, false>(odd, even);
  store(2);
  even = next_half<2, true>(even, odd), odd = next_half<0, false>(odd, even);
  store(4);
  even = next_half<4, true>(even, odd), odd = next_half<0, false>(odd, even);
  store(6);
  even = next_half<8, true>(even, odd), odd = next_half<0, false>(odd, even);
  store(8);
  even = next_half<16, true>(even, odd), odd = next_half<0, false>(odd, even);
  store(10);
  even = next_half<32, true>(even, odd), odd = next_half<0, false>(odd, even);
  store(12);
  _mm_store_si128(out + kRounds, next_half<64, true>(even, odd));
}

// Count blocks together: one waits for no other.
template <std::size_t Count, class RoundKeys>
[[gnu::target("aes,sse4.1"), gnu::always_inline]] inline void encrypt_together(
    const RoundKeys& round_keys, const char* from, char* into) {
  const auto* const keys = reinterpret_cast<const __m128i*>(round_keys.data());
  __m128i blocks[Count];  // in registers, once the loops are unrolled
#pragma GCC unroll 8
  for (std::size_t i = 0; i < Count; ++i) {
    blocks[i] = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from) + i), keys[0]);
  }
  for (std::size_t round = 1; round < kRounds; ++round) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < Count; ++i) {
      blocks[i] = _mm_aesenc_si128(blocks[i], keys[round]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < Count; ++i) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(into) + i,
                     _mm_aesenclast_si128(blocks[i], keys[kRounds]));
  }
}

template <class RoundKeys>
[[gnu::target("aes,sse4.1")]] void encrypt_each(const RoundKeys& round_keys, const char* from,
                                                char* into, std::size_t count) {
  constexpr std::size_t kBlock = Aes256::kBlockBytes;
  constexpr std::size_t kMany = 8;
  for (; count >= kMany; count -= kMany, from += kMany * kBlock, into += kMany * kBlock) {
    encrypt_together<kMany>(round_keys, from, into);
  }
  for (; count >= 2; count -= 2, from += 2 * kBlock, into += 2 * kBlock) {
    encrypt_together<2>(round_keys, from, into);
  }
  if (count == 1) {
    encrypt_together<1>(round_keys, from, into);
  }
}

}  // namespace
#endif

bool is_supported(AesEngine engine) {
#if defined(__x86_64__)
  if (engine == AesEngine::Processor) {
    return __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("sse4.1") != 0;
  }
#endif
  return engine == AesEngine::Library;
}

AesEngine aes_engine() {
  static const AesEngine kFastest =
      is_supported(AesEngine::Processor) ? AesEngine::Processor : AesEngine::Library;
  return kFastest;
}

Aes256::Aes256(base::ByteView key, AesEngine engine) : context_(std::make_unique<Context>(engine)) {
  if (engine == AesEngine::Library) {
    CHECK(EVP_EncryptInit_ex(context_->cipher, EVP_aes_256_ecb(), nullptr, nullptr, nullptr) == 1);
  }
  set_key(key);
}

void Aes256::set_key(base::ByteView key) {
  CHECK(key.size() == kKeyBytes);
#if defined(__x86_64__)
  if (context_->engine == AesEngine::Processor) {
    return expand_key(bytes_of(key), context_->round_keys);
  }
#endif
  CHECK(EVP_EncryptInit_ex(context_->cipher, nullptr, nullptr, bytes_of(key), nullptr) == 1);
}

Aes256::~Aes256() = default;
Aes256::Aes256(Aes256&&) noexcept = default;
Aes256& Aes256::operator=(Aes256&&) noexcept = default;

// The library's padding stays on, as it is by default, and is never finished: of whole blocks none
// is held back, and to turn it off would cost as much as two blocks with each key.
void Aes256::encrypt_blocks(const char* from, char* into, std::size_t count) {
#if defined(__x86_64__)
  if (context_->engine == AesEngine::Processor) {
    return encrypt_each(context_->round_keys, from, into, count);
  }
#endif
  constexpr std::size_t kAtOnce = std::size_t{1} << 20;  // the library counts bytes in int
  while (count > 0) {
    const std::size_t part = std::min(count, kAtOnce);
    const int bytes = static_cast<int>(part * kBlockBytes);
    int written = 0;
    CHECK(EVP_EncryptUpdate(context_->cipher, reinterpret_cast<unsigned char*>(into), &written,
                            bytes_of({from, part * kBlockBytes}), bytes) == 1);
    CHECK(written == bytes);
    from += bytes;
    into += bytes;
    count -= part;
  }
}

}  // namespace piperoll::crypto
