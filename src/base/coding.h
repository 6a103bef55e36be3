#pragma once
// Integers and length-prefixed strings in byte formats. Writers append to a Bytes; Decoder reads
// from a view and is bounds-checked: after the first failure it stays failed, so a decoder checks
// ok() once at the end. Big-endian where order matters (keys), LEB128 varints where size does.

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace piperoll::base {

void put_u8(Bytes& out, std::uint8_t value);
void put_be16(Bytes& out, std::uint16_t value);
void put_be32(Bytes& out, std::uint32_t value);
void put_be64(Bytes& out, std::uint64_t value);
void put_varint(Bytes& out, std::uint64_t value);        // 1 to 10 bytes
void put_signed_varint(Bytes& out, std::int64_t value);  // zigzag
void put_string(Bytes& out, ByteView value);             // varint length, bytes

std::uint16_t load_be16(const char* at);
std::uint32_t load_be32(const char* at);
std::uint64_t load_be64(const char* at);
void store_be32(char* at, std::uint32_t value);
void store_be64(char* at, std::uint64_t value);

// A cursor over a view, which must outlive it and every view it returns. One thread at a time.
class Decoder {
 public:
  explicit Decoder(ByteView input) : rest_(input) {}
  std::uint8_t u8();
  std::uint16_t be16();
  std::uint32_t be32();
  std::uint64_t be64();
  std::uint64_t varint();  // fails on more than 64 bits
  std::int64_t signed_varint();
  ByteView string();                  // varint length, bytes
  ByteView bytes(std::size_t count);  // exactly count bytes
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace piperoll::base
