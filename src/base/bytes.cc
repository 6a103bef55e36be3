#include "base/bytes.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/base64url.h"

namespace piperoll::base {
namespace {

constexpr std::uint8_t kNotADigit = 0xff;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kStandardDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using DigitTable = std::array<std::uint8_t, 256>;

constexpr DigitTable make_digit_table(std::string_view digits) {
  DigitTable table{};
  table.fill(kNotADigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr DigitTable make_hex_table() {
  DigitTable table = make_digit_table(kHexDigits);
  for (std::size_t i = 0; i < 6; ++i) {
    table['A' + i] = static_cast<std::uint8_t>(10 + i);
  }
  return table;
}

constexpr DigitTable kHexTable = make_hex_table();
constexpr DigitTable kStandardTable = make_digit_table(kStandardDigits);
constexpr DigitTable kUrlTable = make_digit_table(kUrlDigits);

std::uint32_t byte_at(ByteView bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// The two digits of each group of twelve bits: one look instead of two.
using PairTable = std::array<std::array<char, 2>, 4096>;

constexpr PairTable make_pair_table(std::string_view digits) {
  PairTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = {digits[i >> 6], digits[i & 63]};
  }
  return table;
}

constexpr PairTable kStandardPairs = make_pair_table(kStandardDigits);
constexpr PairTable kUrlPairs = make_pair_table(kUrlDigits);

static_assert(std::endian::native == std::endian::little);

#if defined(__x86_64__)
// 24 bytes, twelve in each half of the vector, to 32 digits: the sextets of each three bytes into
// places of their own by multiplying, which shifts each by another distance, then digits by what
// each of the five runs of the alphabet adds to its values (W. Mula, D. Lemire: Faster Base64
// Encoding and Decoding using AVX2 Instructions, 2018). last_two: the digits of 62 and 63.
[[gnu::target("avx2"), gnu::always_inline]] inline __m256i digits_of(__m256i bytes,
                                                                     const char* last_two) {
  const __m256i spread =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
  const char digit = '0' - 52;
  const __m256i runs = _mm256_broadcastsi128_si256(_mm_setr_epi8(
      'a' - 26, digit, digit, digit, digit, digit, digit, digit, digit, digit, digit,
      static_cast<char>(last_two[0] - 62), static_cast<char>(last_two[1] - 63), 'A', 0, 0));
  const __m256i in = _mm256_shuffle_epi8(bytes, spread);
  const __m256i odd = _mm256_mulhi_epu16(_mm256_and_si256(in, _mm256_set1_epi32(0x0fc0fc00)),
                                         _mm256_set1_epi32(0x04000040));
  const __m256i even = _mm256_mullo_epi16(_mm256_and_si256(in, _mm256_set1_epi32(0x003f03f0)),
                                          _mm256_set1_epi32(0x01000010));
  const __m256i sextets = _mm256_or_si256(odd, even);
  // 13 for A-Z, 0 for a-z, 1 to 12 for the rest.
  const __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), sextets);
  const __m256i run = _mm256_or_si256(_mm256_subs_epu8(sextets, _mm256_set1_epi8(51)),
                                      _mm256_and_si256(upper, _mm256_set1_epi8(13)));
  return _mm256_add_epi8(_mm256_shuffle_epi8(runs, run), sextets);
}

[[gnu::target("avx2"), gnu::always_inline]] inline void write_24(char* to, const char* bytes,
                                                                 const char* last_two) {
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 12));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      digits_of(_mm256_set_m128i(high, low), last_two));
}

// Returns how many bytes it did; the last four are left, since a load brings them with those
// before.
[[gnu::target("avx2")]] std::size_t write64_wide(char* to, ByteView bytes, const char* last_two) {
  std::size_t at = 0;
  for (; at + 28 <= bytes.size(); at += 24, to += 32) {
    write_24(to, bytes.data() + at, last_two);
  }
  return at;
}

[[gnu::target("avx2")]] void write64_loosely(char* to, ByteView bytes, const char* last_two) {
  for (std::size_t at = 0; at < bytes.size(); at += 24, to += 32) {
    write_24(to, bytes.data() + at, last_two);
  }
}

[[gnu::target("avx2")]] void write64_of_16(char* to, const char* bytes, const char* last_two) {
  const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      digits_of(_mm256_set_m128i(_mm_bsrli_si128(all, 12), all), last_two));
}

const bool kHasWideVectors = __builtin_cpu_supports("avx2") != 0;
#endif

// Without padding.
void write64(char* to, ByteView bytes, const PairTable& pairs) {
  std::size_t at = 0;
#if defined(__x86_64__)
  if (kHasWideVectors) {
    at = write64_wide(to, bytes, pairs[(62 << 6) | 63].data());
    to += at / 3 * 4;
  }
#endif
  // Six bytes of the eight that one load brings.
  for (; at + 8 <= bytes.size(); at += 6, to += 8) {
    std::uint64_t group = 0;
    std::memcpy(&group, bytes.data() + at, sizeof group);
    group = __builtin_bswap64(group);
    std::memcpy(to, pairs[group >> 52].data(), 2);
    std::memcpy(to + 2, pairs[group >> 40 & 4095].data(), 2);
    std::memcpy(to + 4, pairs[group >> 28 & 4095].data(), 2);
    std::memcpy(to + 6, pairs[group >> 16 & 4095].data(), 2);
  }
  for (; at + 3 <= bytes.size(); at += 3, to += 4) {
    const std::uint32_t group =
        byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    std::memcpy(to, pairs[group >> 12].data(), 2);
    std::memcpy(to + 2, pairs[group & 4095].data(), 2);
  }
  const std::size_t left = bytes.size() - at;
  if (left != 0) {
    std::uint32_t group = byte_at(bytes, at) << 16;
    if (left == 2) {
      group |= byte_at(bytes, at + 1) << 8;
    }
    std::memcpy(to, pairs[group >> 12].data(), 2);
    if (left == 2) {
      to[2] = pairs[group & 4095][0];
    }
  }
}

Error not_base64() {
  return {.kind = ErrorKind::InvalidArgument, .message = "not valid base64"};
}

// text: digits alone, padding already taken off.
Result<Bytes> decode64(std::string_view text, const DigitTable& table) {
  std::size_t left = text.size() % 4;
  if (left == 1) {
    return not_base64();
  }
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;  // the newest 24 are enough
  unsigned count = 0;      // bits not yet put out
  for (char c : text) {
    std::uint8_t digit = table[static_cast<unsigned char>(c)];
    if (digit == kNotADigit) {
      return not_base64();
    }
    bits = bits << 6 | digit;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 0xff));
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) {
    return not_base64();
  }
  return out;
}

}  // namespace

std::string hex_encode(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    out.push_back(kHexDigits[byte >> 4]);
    out.push_back(kHexDigits[byte & 15]);
  }
  return out;
}

Result<Bytes> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return Error{.kind = ErrorKind::InvalidArgument, .message = "odd number of hex digits"};
  }
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned high = kHexTable[static_cast<unsigned char>(text[at])];
    unsigned low = kHexTable[static_cast<unsigned char>(text[at + 1])];
    if (high == kNotADigit || low == kNotADigit) {
      return Error{.kind = ErrorKind::InvalidArgument, .message = "not a hex digit"};
    }
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

std::string base64_encode(ByteView bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '=');
  write64(out.data(), bytes, kStandardPairs);
  return out;
}

Result<Bytes> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) {
    return not_base64();
  }
  // At most two: a third would leave one digit, which decode64 refuses.
  for (int i = 0; i < 2 && text.ends_with('='); ++i) {
    text.remove_suffix(1);
  }
  return decode64(text, kStandardTable);
}

std::string base64url_encode(ByteView bytes) {
  std::string out;
  append_base64url(out, bytes);
  return out;
}

void append_base64url(std::string& out, ByteView bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + base64url_chars(bytes.size()));
  write64(out.data() + begin, bytes, kUrlPairs);
}

void write_base64url(char* to, ByteView bytes) {
  write64(to, bytes, kUrlPairs);
}

void write_base64url_loosely(char* to, ByteView bytes) {
#if defined(__x86_64__)
  if (kHasWideVectors) {
    return write64_loosely(to, bytes, &kUrlDigits[62]);
  }
#endif
  write64(to, bytes, kUrlPairs);
}

void write_base64url_of_16(char* to, const char* bytes) {
#if defined(__x86_64__)
  if (kHasWideVectors) {
    return write64_of_16(to, bytes, &kUrlDigits[62]);
  }
#endif
  write64(to, {bytes, 16}, kUrlPairs);
}

Result<Bytes> base64url_decode(std::string_view text) {
  return decode64(text, kUrlTable);
}

}  // namespace piperoll::base
