#include "base/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#include <nmmintrin.h>

namespace piperoll::base {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // 0x1EDC6F41 with its bits reversed

using ByteTable = std::array<std::uint32_t, 256>;
// One table for each byte of a 32-bit (or 64-bit) word.
using WordTables = std::array<ByteTable, 4>;
using SlicingTables = std::array<ByteTable, 8>;

constexpr SlicingTables make_slicing_tables() {
  SlicingTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    }
    tables[0][byte] = crc;
  }
  for (std::size_t slice = 1; slice < tables.size(); ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      std::uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr SlicingTables kSlicing = make_slicing_tables();

// The product of two polynomials modulo the CRC's; the highest bit of a word is x^0.
constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t bit = 0x80000000; bit != 0; bit >>= 1) {
    product ^= (a & bit) != 0 ? b : 0;
    b = (b >> 1) ^ ((b & 1) != 0 ? kPolynomial : 0);
  }
  return product;
}

// x^(8 * bytes), which is what so many zero bytes after a message multiply its CRC by.
constexpr std::uint32_t power_of_bytes(std::size_t bytes) {
  std::uint32_t power = 0x80000000;   // x^0
  std::uint32_t square = 0x00800000;  // x^8
  for (; bytes != 0; bytes >>= 1) {
    if ((bytes & 1) != 0) {
      power = multiply(power, square);
    }
    square = multiply(square, square);
  }
  return power;
}

constexpr WordTables make_shift_tables(std::size_t bytes) {
  WordTables tables{};
  std::uint32_t power = power_of_bytes(bytes);
  for (std::uint32_t i = 0; i < tables.size(); ++i) {
    // Multiplication is linear: eight products make the other 248.
    for (std::uint32_t bit = 1; bit < 256; bit <<= 1) {
      std::uint32_t product = multiply(power, bit << (8 * i));
      for (std::uint32_t low = 0; low < bit; ++low) {
        tables[i][bit | low] = tables[i][low] ^ product;
      }
    }
  }
  return tables;
}

// The instruction has a latency of three cycles and a throughput of one, so three streams run side
// by side; 3 * 4096 for long inputs, 3 * 256 for what is left and for ordinary records.
constexpr std::size_t kLongStream = 4096;
constexpr std::size_t kShortStream = 256;
constexpr WordTables kLongShift = make_shift_tables(kLongStream);
constexpr WordTables kShortShift = make_shift_tables(kShortStream);

std::uint64_t load64(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

std::uint32_t shift(const WordTables& tables, std::uint64_t crc) {
  return tables[0][crc & 0xff] ^ tables[1][crc >> 8 & 0xff] ^ tables[2][crc >> 16 & 0xff] ^
         tables[3][crc >> 24 & 0xff];
}

std::uint32_t extend_by_table(std::uint32_t crc, std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = load64(at) ^ crc;
    crc = kSlicing[7][word & 0xff] ^ kSlicing[6][word >> 8 & 0xff] ^
          kSlicing[5][word >> 16 & 0xff] ^ kSlicing[4][word >> 24 & 0xff] ^
          kSlicing[3][word >> 32 & 0xff] ^ kSlicing[2][word >> 40 & 0xff] ^
          kSlicing[1][word >> 48 & 0xff] ^ kSlicing[0][word >> 56];
  }
  for (; left > 0; --left, ++at) {
    crc = (crc >> 8) ^ kSlicing[0][(crc ^ static_cast<unsigned char>(*at)) & 0xff];
  }
  return crc;
}

// at and left move behind the whole groups of three streams.
__attribute__((target("sse4.2"))) std::uint64_t extend_three(std::uint64_t crc, const char*& at,
                                                             std::size_t& left, std::size_t stream,
                                                             const WordTables& tables) {
  for (; left >= 3 * stream; left -= 3 * stream, at += 3 * stream) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < stream; i += 8) {
      crc = _mm_crc32_u64(crc, load64(at + i));
      second = _mm_crc32_u64(second, load64(at + stream + i));
      third = _mm_crc32_u64(third, load64(at + 2 * stream + i));
    }
    crc = shift(tables, crc) ^ second;
    crc = shift(tables, crc) ^ third;
  }
  return crc;
}

__attribute__((target("sse4.2"))) std::uint32_t extend_by_instruction(std::uint32_t seed,
                                                                      std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t crc = extend_three(seed, at, left, kLongStream, kLongShift);
  crc = extend_three(crc, at, left, kShortStream, kShortShift);
  for (; left >= 8; left -= 8, at += 8) {
    crc = _mm_crc32_u64(crc, load64(at));
  }
  auto narrow = static_cast<std::uint32_t>(crc);
  for (; left > 0; --left, ++at) {
    narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*at));
  }
  return narrow;
}

bool has_instruction() {
  static const bool kHas = __builtin_cpu_supports("sse4.2") != 0;
  return kHas;
}

}  // namespace

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed) {
  return ~extend_by_table(~seed, bytes);
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
  return has_instruction() ? ~extend_by_instruction(~seed, bytes) : crc32c_by_table(bytes, seed);
}

}  // namespace piperoll::base
