#include "base/crc32c.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::base {
namespace {

// Bit by bit, from the definition.
std::uint32_t naive_crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
    }
  }
  return ~crc;
}

std::string pattern(std::size_t size, std::uint32_t seed) {
  std::string bytes(size, '\0');
  for (char& c : bytes) {
    seed = seed * 1664525 + 1013904223;
    c = static_cast<char>(seed >> 24);
  }
  return bytes;
}

TEST(Crc32c, MatchesTheVectorsOfTheRfc) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  // RFC 3720 appendix B.4.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string rising;
  for (char c = 0; c < 32; ++c) {
    rising.push_back(c);
  }
  EXPECT_EQ(crc32c(rising), 0x46dd794eU);
  EXPECT_EQ(crc32c(std::string(rising.rbegin(), rising.rend())), 0x113fdb5cU);
}

TEST(Crc32c, AgreesWithTheDefinitionForEveryLengthAndAlignment) {
  std::string bytes = pattern(900, 1);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    for (std::size_t size = 0; size <= 800; size += offset == 0 ? 1 : 13) {
      auto part = std::string_view(bytes).substr(offset, size);
      ASSERT_EQ(crc32c(part), naive_crc32c(part)) << offset << " " << size;
    }
  }
}

TEST(Crc32c, AgreesWithTheDefinitionOnLongInputs) {
  std::string bytes = pattern(100'000, 2);
  for (std::size_t size : {12'287U, 12'288U, 12'289U, 13'056U, 24'576U, 50'001U, 100'000U}) {
    auto part = std::string_view(bytes).substr(0, size);
    ASSERT_EQ(crc32c(part), naive_crc32c(part)) << size;
  }
}

RC_GTEST_PROP(Crc32cProperty, ContinuesFromItsOwnResult, (std::uint32_t seed)) {
  std::string bytes = pattern(*rc::gen::inRange<std::size_t>(0, 20'000), seed);
  auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
  auto whole = std::string_view(bytes);
  RC_ASSERT(crc32c(whole.substr(cut), crc32c(whole.substr(0, cut))) == crc32c(whole));
}

TEST(Crc32c, SoftwareAgreesWithTheInstruction) {
  std::string bytes = pattern(5'000, 3);
  for (std::size_t size = 0; size <= bytes.size(); size += 37) {
    auto part = std::string_view(bytes).substr(bytes.size() - size);
    ASSERT_EQ(crc32c_by_table(part), crc32c(part)) << size;
    ASSERT_EQ(crc32c_by_table(part, 77), crc32c(part, 77)) << size;
  }
}

}  // namespace
}  // namespace piperoll::base
