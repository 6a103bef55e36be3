#include "base/coding.h"

#include <bit>

namespace piperoll::base {

void put_long_varint(Bytes& out, std::uint64_t value) {
  char buffer[10];
  std::size_t size = 0;
  while (value >= 0x80) {
    buffer[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  buffer[size++] = static_cast<char>(value);
  out.append(buffer, size);
}

void put_signed_varint(Bytes& out, std::int64_t value) {
  auto bits = static_cast<std::uint64_t>(value);
  put_varint(out, (bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

namespace {

// The low seven bits of each of eight bytes, joined.
std::uint64_t join_sevens(std::uint64_t word) {
  word &= 0x7f7f7f7f7f7f7f7fU;
  word = (word & 0x7f007f007f007f00U) >> 1 | (word & 0x007f007f007f007fU);
  word = (word & 0x3fff00003fff0000U) >> 2 | (word & 0x00003fff00003fffU);
  return (word & 0x0fffffff00000000U) >> 4 | (word & 0x000000000fffffffU);
}

}  // namespace

std::uint64_t Decoder::long_varint() {
  // Columns hold a thousand of these: those of up to eight bytes are taken without a loop.
  std::uint64_t word = 0;
  if (rest_.size() >= sizeof word) {
    std::memcpy(&word, rest_.data(), sizeof word);
    const std::uint64_t ends = ~word & 0x8080808080808080U;
    if (ends != 0) {
      rest_.remove_prefix(static_cast<std::size_t>(std::countr_zero(ends)) / 8 + 1);
      return join_sevens(word & (ends ^ (ends - 1)));
    }
  }
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 10 && i < rest_.size(); ++i) {
    auto byte = static_cast<unsigned char>(rest_[i]);
    if (i == 9 && byte > 1) {
      break;  // more than 64 bits
    }
    value |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  fail();
  return 0;
}

}  // namespace piperoll::base
