#include "base/uuid.h"

#include <unordered_set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::base {
namespace {

constexpr std::string_view kText = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

TEST(Uuid, ReadsAndShowsItsText) {
  Uuid id = *parse_uuid(kText);
  EXPECT_EQ(id.bytes[0], 0xf8);
  EXPECT_EQ(id.bytes[15], 0xf6);
  EXPECT_EQ(id.to_string(), kText);
}

TEST(Uuid, ReadsEitherCaseAndShowsLower) {
  EXPECT_EQ(parse_uuid("F81D4FAE-7DEC-11d0-A765-00A0C91E6BF6")->to_string(), kText);
}

TEST(Uuid, RefusesEveryOtherForm) {
  for (std::string_view text :
       {"", "f81d4fae7dec11d0a76500a0c91e6bf6", "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf60", "f81d4fa-e7dec-11d0-a765-00a0c91e6bf6",
        "g81d4fae-7dec-11d0-a765-00a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf ",
        "f81d4fae_7dec_11d0_a765_00a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6b\xc3\xa4",
        "f81d4fae-7dec-11d0-a765-00a0c91e6b-6"}) {
    auto parsed = parse_uuid(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::InvalidArgument);
  }
}

TEST(Uuid, RefusesEveryCharacterThatIsNoHexDigit) {
  for (int c = 0; c < 256; ++c) {
    std::string text(kText);
    text[3] = static_cast<char>(c);
    bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    EXPECT_EQ(parse_uuid(text).has_value(), is_hex) << c;
  }
}

TEST(Uuid, KnowsNil) {
  EXPECT_TRUE(Uuid{}.is_nil());
  EXPECT_EQ(Uuid{}.to_string(), "00000000-0000-0000-0000-000000000000");
  EXPECT_FALSE(parse_uuid(kText)->is_nil());
}

RC_GTEST_PROP(UuidProperty, ReadsBackWhatItShows, ()) {
  auto bytes = *rc::gen::container<std::string>(16, rc::gen::arbitrary<char>());
  Uuid id = Uuid::from_bytes(bytes);
  RC_ASSERT(id.as_bytes() == bytes);
  RC_ASSERT(*parse_uuid(id.to_string()) == id);
}

TEST(Uuid, IsCanonicalInLowerCaseAlone) {
  EXPECT_EQ(parse_canonical_uuid(kText), *parse_uuid(kText));
  for (std::size_t i = 0; i < kText.size(); ++i) {
    std::string text(kText);
    for (int c = 0; c < 256; ++c) {
      text[i] = static_cast<char>(c);
      const std::optional<Uuid> id = parse_canonical_uuid(text);
      const Result<Uuid> either_case = parse_uuid(text);
      EXPECT_EQ(id.has_value(), either_case && either_case->to_string() == text) << text;
    }
  }
  EXPECT_EQ(parse_canonical_uuid(""), std::nullopt);
  EXPECT_EQ(parse_canonical_uuid(std::string(kText) + "0"), std::nullopt);
}

RC_GTEST_PROP(UuidProperty, WhatItShowsIsCanonical, ()) {
  auto bytes = *rc::gen::container<std::string>(16, rc::gen::arbitrary<char>());
  Uuid id = Uuid::from_bytes(bytes);
  RC_ASSERT(parse_canonical_uuid(id.to_string()) == id);
}

TEST(UuidHash, SpreadsIdsThatDifferInFewBits) {
  std::unordered_set<std::size_t> buckets;
  for (std::uint8_t a = 0; a < 64; ++a) {
    for (std::uint8_t b = 0; b < 64; ++b) {
      Uuid id = *parse_uuid("0195b2a4-6c00-7000-8000-000000000000");
      id.bytes[6] = static_cast<std::uint8_t>(id.bytes[6] + a);
      id.bytes[15] = b;
      buckets.insert(UuidHash{}(id) % 65'536);
    }
  }
  EXPECT_GT(buckets.size(), 3'500U);  // 4,096 ids; 3,970 are expected of a random function
}

}  // namespace
}  // namespace piperoll::base
