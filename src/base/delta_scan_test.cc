#include "base/delta_scan.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {

using Numbers = std::vector<std::uint64_t>;

Bytes encoded(const Numbers& numbers) {
  Bytes bytes;
  std::uint64_t before = 0;
  for (const std::uint64_t number : numbers) {
    put_varint(bytes, number - before);
    before = number;
  }
  return bytes;
}

// Differences of one byte mostly, of two, and now and then of up to five.
Numbers some_numbers(std::mt19937_64& random, std::size_t count, unsigned bits_max) {
  Numbers numbers;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    number += random() >> (64 - (1 + random() % bits_max));
    numbers.push_back(number);
  }
  return numbers;
}

TEST(DeltaScan, FindsWhatALinearSearchFinds) {
  std::mt19937_64 random(31);
  for (int round = 0; round < 3'000; ++round) {
    const Numbers numbers =
        some_numbers(random, 1 + random() % 200, 1 + static_cast<unsigned>(random() % 33));
    const Bytes bytes = encoded(numbers) + "behind";
    DeltaScan scan(bytes, numbers.size());
    Numbers wanted;
    for (std::size_t i = random() % 6; i > 0; --i) {
      wanted.push_back(numbers[random() % numbers.size()] + random() % 3 - random() % 2);
    }
    std::sort(wanted.begin(), wanted.end());
    for (const std::uint64_t number : wanted) {
      const auto found = std::lower_bound(numbers.begin(), numbers.end(), number);
      ASSERT_EQ(scan.seek(number), found != numbers.end());
      ASSERT_TRUE(scan.ok());
      if (found == numbers.end()) {
        break;
      }
      EXPECT_EQ(scan.value(), *found);
      EXPECT_EQ(numbers[scan.index()], *found);
    }
    EXPECT_EQ(scan.skip_rest(), "behind");
    EXPECT_TRUE(scan.ok());
  }
}

TEST(DeltaScan, StaysWhereTheNumberIsEnough) {
  const Bytes bytes = encoded({0, 5, 5, 9});
  DeltaScan scan(bytes, 4);
  EXPECT_TRUE(scan.seek(0));
  EXPECT_EQ(scan.index(), 0U);
  EXPECT_TRUE(scan.seek(1));
  EXPECT_EQ(scan.index(), 1U);
  EXPECT_TRUE(scan.seek(5));
  EXPECT_EQ(scan.index(), 1U);
  EXPECT_TRUE(scan.seek(6));
  EXPECT_EQ(scan.value(), 9U);
  EXPECT_FALSE(scan.seek(10));
  EXPECT_TRUE(scan.ok());
}

TEST(DeltaScan, OfNothingFindsNothing) {
  DeltaScan scan("x", 0);
  EXPECT_FALSE(scan.seek(0));
  EXPECT_EQ(scan.skip_rest(), "x");
  EXPECT_TRUE(scan.ok());
}

TEST(DeltaScan, RefusesBytesThatEndEarly) {
  std::mt19937_64 random(32);
  const Numbers numbers = some_numbers(random, 60, 20);
  const Bytes bytes = encoded(numbers);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    DeltaScan scan(ByteView(bytes).substr(0, size), numbers.size());
    EXPECT_TRUE(scan.skip_rest().empty());
    EXPECT_FALSE(scan.ok()) << size;
  }
}

TEST(DeltaScan, ReadsAnyBytes) {
  std::mt19937_64 random(33);
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes(random() % 64, '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(random() >> (random() % 2 == 0 ? 57U : 56U));
    }
    const std::size_t count = random() % 70;
    Decoder plain(bytes);
    for (std::size_t i = 0; i < count; ++i) {
      plain.varint();
    }
    DeltaScan scan(bytes, count);
    const ByteView rest = scan.skip_rest();
    EXPECT_EQ(scan.ok(), plain.ok());
    EXPECT_EQ(rest, plain.rest());
  }
}

}  // namespace
}  // namespace piperoll::base
