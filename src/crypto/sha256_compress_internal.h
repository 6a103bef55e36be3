#pragma once
// The compression function of SHA-256 (FIPS 180-4 section 6.2.2) on several states at once, in the
// compiler's vector types. For the files that are compiled for one kind of vector each: nothing but
// plain types may be included here, since inline functions compiled there could be used elsewhere.

#include <cstddef>
#include <cstdint>

namespace piperoll::crypto {

// state[word][lane]; blocks[lane] are count times 64 bytes, which go one after the other.
void sha256_compress_8(std::uint32_t (*state)[8], const unsigned char* const* blocks,
                       std::size_t count);
void sha256_compress_16(std::uint32_t (*state)[16], const unsigned char* const* blocks,
                        std::size_t count);

namespace {

constexpr std::uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

template <unsigned Lanes>
struct Compression {
  using Vector [[gnu::vector_size(4 * Lanes)]] = std::uint32_t;

  [[gnu::always_inline]] static void rotate(Vector& out, const Vector& x, int bits) {
    out = (x >> bits) | (x << (32 - bits));
  }
  // x rotated by a, by b, and by c (shifted where the RFC has SHR), joined with xor.
  [[gnu::always_inline]] static void sigma(Vector& out, const Vector& x, int a, int b, int c) {
    Vector second, third;
    rotate(out, x, a);
    rotate(second, x, b);
    rotate(third, x, c);
    out ^= second ^ third;
  }
  [[gnu::always_inline]] static void small_sigma(Vector& out, const Vector& x, int a, int b,
                                                 int c) {
    Vector second;
    rotate(out, x, a);
    rotate(second, x, b);
    out ^= second ^ (x >> c);
  }
  [[gnu::always_inline]] static void round(const Vector& a, const Vector& b, const Vector& c,
                                           Vector& d, const Vector& e, const Vector& f,
                                           const Vector& g, Vector& h, const Vector& input) {
    Vector sum;
    sigma(sum, e, 6, 11, 25);
    h += sum + (g ^ (e & (f ^ g))) + input;
    d += h;
    sigma(sum, a, 2, 13, 22);
    h += sum + ((a & b) | (c & (a | b)));
  }
  // Word t + 16 of the schedule into the place of word t.
  [[gnu::always_inline]] static void extend(Vector* words, unsigned t) {
    Vector before, behind;
    small_sigma(before, words[(t + 1) % 16], 7, 18, 3);
    small_sigma(behind, words[(t + 14) % 16], 17, 19, 10);
    words[t % 16] += before + words[(t + 9) % 16] + behind;
  }
  // Word t of every lane becomes words[t].
  [[gnu::always_inline]] static void load(Vector* words, const unsigned char* const* blocks,
                                          std::size_t offset) {
    alignas(Vector) std::uint32_t gathered[16][Lanes];
    for (unsigned lane = 0; lane < Lanes; ++lane) {
      for (unsigned t = 0; t < 16; ++t) {
        std::uint32_t word;
        __builtin_memcpy(&word, blocks[lane] + offset + 4 * t, 4);
        gathered[t][lane] = __builtin_bswap32(word);
      }
    }
    __builtin_memcpy(words, gathered, sizeof gathered);
  }
  [[gnu::always_inline]] static void run(std::uint32_t (*state)[Lanes],
                                         const unsigned char* const* blocks, std::size_t count) {
    run(state, blocks, count, load);
  }
  template <class Load>
  [[gnu::always_inline]] static void run(std::uint32_t (*state)[Lanes],
                                         const unsigned char* const* blocks, std::size_t count,
                                         Load load_words) {
    Vector s[8];
    __builtin_memcpy(s, state, sizeof s);
    for (std::size_t i = 0; i < count; ++i) {
      Vector words[16];
      load_words(words, blocks, 64 * i);
      compress(s, words);
    }
    __builtin_memcpy(state, s, sizeof s);
  }
  [[gnu::always_inline]] static void compress(Vector* s, Vector* words) {
    Vector begin[8];
    __builtin_memcpy(begin, s, sizeof begin);
#pragma GCC unroll 8
    for (unsigned t = 0; t < 64; t += 8) {
      // Eight rounds bring the names back to where they were.
#pragma GCC unroll 8
      for (unsigned i = 0; t >= 16 && i < 8; ++i) {
        extend(words, t + i);
      }
      const Vector* const w = words + t % 16;
      const std::uint32_t* const k = kRoundConstants + t;
      round(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], w[0] + k[0]);
      round(s[7], s[0], s[1], s[2], s[3], s[4], s[5], s[6], w[1] + k[1]);
      round(s[6], s[7], s[0], s[1], s[2], s[3], s[4], s[5], w[2] + k[2]);
      round(s[5], s[6], s[7], s[0], s[1], s[2], s[3], s[4], w[3] + k[3]);
      round(s[4], s[5], s[6], s[7], s[0], s[1], s[2], s[3], w[4] + k[4]);
      round(s[3], s[4], s[5], s[6], s[7], s[0], s[1], s[2], w[5] + k[5]);
      round(s[2], s[3], s[4], s[5], s[6], s[7], s[0], s[1], w[6] + k[6]);
      round(s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[0], w[7] + k[7]);
    }
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; ++i) {
      s[i] += begin[i];
    }
  }
};

}  // namespace
}  // namespace piperoll::crypto
