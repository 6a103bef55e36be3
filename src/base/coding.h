#pragma once
// Integers and length-prefixed strings in byte formats. Writers append to a Bytes; Decoder reads
// from a view and is bounds-checked: after the first failure it stays failed, so a decoder checks
// ok() once at the end. Big-endian where order matters (keys), LEB128 varints where size does.
// Inline, since every event goes through some hundred of these calls.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace piperoll::base {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the swaps below expect little-endian");

inline std::uint16_t load_be16(const char* at) {
  std::uint16_t value;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap16(value);
}
inline std::uint32_t load_be32(const char* at) {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}
inline std::uint64_t load_be64(const char* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap64(value);
}
inline void store_be16(char* at, std::uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(at, &value, sizeof value);
}
inline void store_be32(char* at, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(at, &value, sizeof value);
}
inline void store_be64(char* at, std::uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(at, &value, sizeof value);
}

inline void put_u8(Bytes& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}
inline void put_be16(Bytes& out, std::uint16_t value) {
  char buffer[sizeof value];
  store_be16(buffer, value);
  out.append(buffer, sizeof value);
}
inline void put_be32(Bytes& out, std::uint32_t value) {
  char buffer[sizeof value];
  store_be32(buffer, value);
  out.append(buffer, sizeof value);
}
inline void put_be64(Bytes& out, std::uint64_t value) {
  char buffer[sizeof value];
  store_be64(buffer, value);
  out.append(buffer, sizeof value);
}
void put_long_varint(Bytes& out, std::uint64_t value);     // any value; put_varint's second half
inline void put_varint(Bytes& out, std::uint64_t value) {  // 1 to 10 bytes
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
  } else {
    put_long_varint(out, value);
  }
}
void put_signed_varint(Bytes& out, std::int64_t value);  // zigzag
inline void put_string(Bytes& out, ByteView value) {     // varint length, bytes
  put_varint(out, value.size());
  out.append(value);
}

// A cursor over a view, which must outlive it and every view it returns. One thread at a time.
class Decoder {
 public:
  explicit Decoder(ByteView input) : rest_(input) {}
  std::uint8_t u8() {
    const ByteView taken = bytes(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
  }
  std::uint16_t be16() {
    const ByteView taken = bytes(2);
    return taken.empty() ? std::uint16_t{0} : load_be16(taken.data());
  }
  std::uint32_t be32() {
    const ByteView taken = bytes(4);
    return taken.empty() ? 0 : load_be32(taken.data());
  }
  std::uint64_t be64() {
    const ByteView taken = bytes(8);
    return taken.empty() ? 0 : load_be64(taken.data());
  }
  std::uint64_t varint() {  // fails on more than 64 bits
    if (!rest_.empty() && static_cast<unsigned char>(rest_.front()) < 0x80) {
      return u8();
    }
    return long_varint();
  }
  std::int64_t signed_varint() {
    const std::uint64_t bits = varint();
    return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }
  ByteView string() { return bytes(varint()); }  // varint length, bytes
  ByteView bytes(std::size_t count) {            // exactly count bytes
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const ByteView taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  std::uint64_t long_varint();

  ByteView rest_;
  bool ok_ = true;
};

}  // namespace piperoll::base
