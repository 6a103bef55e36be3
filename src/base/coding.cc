#include "base/coding.h"

#include <cstring>

namespace piperoll::base {
namespace {

template <class T>
T load_be(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (sizeof(T) == 2) {
    return __builtin_bswap16(value);
  } else if constexpr (sizeof(T) == 4) {
    return __builtin_bswap32(value);
  } else {
    return __builtin_bswap64(value);
  }
}

template <class T>
void store_be(char* at, T value) {
  T swapped = load_be<T>(reinterpret_cast<const char*>(&value));
  std::memcpy(at, &swapped, sizeof swapped);
}

template <class T>
void put_be(Bytes& out, T value) {
  char buffer[sizeof value];
  store_be(buffer, value);
  out.append(buffer, sizeof value);
}

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the swaps above expect little-endian");

}  // namespace

void put_u8(Bytes& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}
void put_be16(Bytes& out, std::uint16_t value) {
  put_be(out, value);
}
void put_be32(Bytes& out, std::uint32_t value) {
  put_be(out, value);
}
void put_be64(Bytes& out, std::uint64_t value) {
  put_be(out, value);
}

void put_varint(Bytes& out, std::uint64_t value) {
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
    return;
  }
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

void put_string(Bytes& out, ByteView value) {
  put_varint(out, value.size());
  out.append(value);
}

std::uint16_t load_be16(const char* at) {
  const auto high = static_cast<unsigned char>(at[0]);
  const auto low = static_cast<unsigned char>(at[1]);
  return static_cast<std::uint16_t>(high << 8U | low);
}

std::uint32_t load_be32(const char* at) {
  return load_be<std::uint32_t>(at);
}
std::uint64_t load_be64(const char* at) {
  return load_be<std::uint64_t>(at);
}
void store_be32(char* at, std::uint32_t value) {
  store_be(at, value);
}
void store_be64(char* at, std::uint64_t value) {
  store_be(at, value);
}

ByteView Decoder::bytes(std::size_t count) {
  if (count > rest_.size()) {
    fail();
    return {};
  }
  ByteView taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint8_t Decoder::u8() {
  ByteView taken = bytes(1);
  return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
}

std::uint16_t Decoder::be16() {
  ByteView taken = bytes(2);
  return taken.empty() ? std::uint16_t{0} : load_be<std::uint16_t>(taken.data());
}

std::uint32_t Decoder::be32() {
  ByteView taken = bytes(4);
  return taken.empty() ? 0 : load_be32(taken.data());
}

std::uint64_t Decoder::be64() {
  ByteView taken = bytes(8);
  return taken.empty() ? 0 : load_be64(taken.data());
}

std::uint64_t Decoder::varint() {
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

std::int64_t Decoder::signed_varint() {
  std::uint64_t bits = varint();
  return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
}

ByteView Decoder::string() {
  std::uint64_t size = varint();
  return bytes(size);
}

}  // namespace piperoll::base
