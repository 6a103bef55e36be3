#include "base/coding.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::base {
namespace {

Bytes varint(std::uint64_t value) {
  Bytes out;
  put_varint(out, value);
  return out;
}

TEST(Coding, WritesBigEndian) {
  Bytes out;
  put_u8(out, 0x01);
  put_be16(out, 0x0203);
  put_be32(out, 0x04050607);
  put_be64(out, 0x08090a0b0c0d0e0f);
  EXPECT_EQ(hex_encode(out), "0102030405060708090a0b0c0d0e0f");
}

TEST(Coding, LoadsAndStoresInPlace) {
  char place[8];
  store_be32(place, 0xfedcba98);
  EXPECT_EQ(hex_encode({place, 4}), "fedcba98");
  EXPECT_EQ(load_be32(place), 0xfedcba98U);
  store_be64(place, 0xfedcba9876543210);
  EXPECT_EQ(hex_encode({place, 8}), "fedcba9876543210");
  EXPECT_EQ(load_be64(place), 0xfedcba9876543210U);
}

TEST(Coding, WritesVarintsInLeb128) {
  EXPECT_EQ(hex_encode(varint(0)), "00");
  EXPECT_EQ(hex_encode(varint(127)), "7f");
  EXPECT_EQ(hex_encode(varint(128)), "8001");
  EXPECT_EQ(hex_encode(varint(624485)), "e58e26");
  EXPECT_EQ(hex_encode(varint(std::numeric_limits<std::uint64_t>::max())), "ffffffffffffffffff01");
}

TEST(Coding, WritesSmallSignedVarintsInOneByte) {
  auto encoded = [](std::int64_t value) {
    Bytes out;
    put_signed_varint(out, value);
    return hex_encode(out);
  };
  EXPECT_EQ(encoded(0), "00");
  EXPECT_EQ(encoded(-1), "01");
  EXPECT_EQ(encoded(1), "02");
  EXPECT_EQ(encoded(-64), "7f");
  EXPECT_EQ(encoded(64), "8001");
  EXPECT_EQ(encoded(std::numeric_limits<std::int64_t>::min()), "ffffffffffffffffff01");
}

TEST(Decoder, FailsOnVarintsOverSixtyFourBits) {
  for (std::string_view hex :
       {"ffffffffffffffffff02", "ffffffffffffffffff7f", "80808080808080808080",
        "8080808080808080808001", "ffffffffffffffffffff01"}) {
    Bytes bytes = *hex_decode(hex);
    Decoder decoder(bytes);
    EXPECT_EQ(decoder.varint(), 0U);
    EXPECT_FALSE(decoder.ok()) << hex;
  }
}

TEST(Decoder, FailsWhenTheInputEndsEarly) {
  Bytes whole;
  put_u8(whole, 1);
  put_be16(whole, 2);
  put_be32(whole, 3);
  put_be64(whole, 4);
  put_varint(whole, 300);
  put_signed_varint(whole, -300);
  put_string(whole, "text");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    Decoder decoder(ByteView(whole).substr(0, size));
    decoder.u8();
    decoder.be16();
    decoder.be32();
    decoder.be64();
    decoder.varint();
    decoder.signed_varint();
    ByteView text = decoder.string();
    EXPECT_EQ(decoder.ok(), size == whole.size());
    EXPECT_TRUE(decoder.at_end());
    EXPECT_EQ(text, size == whole.size() ? "text" : "");
  }
}

TEST(Decoder, StaysFailed) {
  Bytes bytes = "abc";
  Decoder decoder(bytes);
  EXPECT_EQ(decoder.bytes(4), "");
  EXPECT_FALSE(decoder.ok());
  EXPECT_EQ(decoder.u8(), 0);
  EXPECT_EQ(decoder.bytes(0), "");
  EXPECT_FALSE(decoder.ok());
}

TEST(Decoder, FailsOnStringsLongerThanTheInput) {
  Bytes bytes = varint(std::numeric_limits<std::uint64_t>::max()) + "abc";
  Decoder decoder(bytes);
  EXPECT_EQ(decoder.string(), "");
  EXPECT_FALSE(decoder.ok());
}

TEST(Decoder, GivesWhatIsLeft) {
  Bytes bytes = "abcdef";
  Decoder decoder(bytes);
  EXPECT_EQ(decoder.bytes(2), "ab");
  EXPECT_EQ(decoder.rest(), "cdef");
  EXPECT_FALSE(decoder.at_end());
  EXPECT_EQ(decoder.bytes(4), "cdef");
  EXPECT_TRUE(decoder.at_end());
  EXPECT_TRUE(decoder.ok());
}

RC_GTEST_PROP(CodingProperty, ReadsBackWhatWasWritten,
              (std::uint8_t a, std::uint16_t b, std::uint32_t c, std::uint64_t d, std::int64_t e,
               const std::string& f)) {
  auto shift = *rc::gen::inRange(0, 64);
  Bytes out;
  put_u8(out, a);
  put_be16(out, b);
  put_be32(out, c);
  put_be64(out, d);
  put_varint(out, d >> shift);
  put_signed_varint(out, e >> shift);
  put_string(out, f);

  Decoder decoder(out);

  RC_ASSERT(decoder.u8() == a);
  RC_ASSERT(decoder.be16() == b);
  RC_ASSERT(decoder.be32() == c);
  RC_ASSERT(decoder.be64() == d);
  RC_ASSERT(decoder.varint() == d >> shift);
  RC_ASSERT(decoder.signed_varint() == e >> shift);
  RC_ASSERT(decoder.string() == f);
  RC_ASSERT(decoder.ok());
  RC_ASSERT(decoder.at_end());
}

RC_GTEST_PROP(CodingProperty, KeepsTheOrderOfBigEndianIntegers,
              (std::uint64_t a, std::uint64_t b)) {
  Bytes first;
  Bytes second;
  put_be64(first, a);
  put_be64(second, b);
  RC_ASSERT((first < second) == (a < b));
}

}  // namespace
}  // namespace piperoll::base
