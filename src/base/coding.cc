#include "base/coding.h"

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

std::uint64_t Decoder::long_varint() {
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
