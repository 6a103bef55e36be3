#include "store/rocksdb/counts_codec.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace piperoll::store::rocks {
namespace {

Counts some_counts(std::mt19937_64& random) {
  std::map<std::uint32_t, std::uint64_t> plain;
  for (std::uint64_t i = random() % 20; i > 0; --i) {
    plain[static_cast<std::uint32_t>(random() % 50)] = random() % 1000;
  }
  Counts counts;
  for (const auto& [key, count] : plain) {
    counts.push_back({key, count});
  }
  return counts;
}

TEST(Counts, AreReadBack) {
  std::mt19937_64 random(31);
  for (int round = 0; round < 100; ++round) {
    const Counts counts = some_counts(random);
    base::Bytes bytes;
    append_counts(bytes, counts);
    EXPECT_EQ(decode_counts(bytes).value(), counts);
  }
}

TEST(Counts, HaveTheBytesOfTheFormat) {
  base::Bytes bytes;
  append_counts(bytes, Counts{{0, 5}, {1, 300}, {7, 1}});
  EXPECT_EQ(base::hex_encode(bytes),
            "0005"
            "00ac02"
            "0501");
}

std::uint64_t count_in(const Counts& counts, std::uint32_t key) {
  base::Bytes bytes;
  append_counts(bytes, counts);
  return find_count(bytes, key).value();
}

TEST(Counts, OfOneKeyAreFoundWithoutTheOthers) {
  base::Bytes bytes;
  append_counts(bytes, Counts{{0, 5}, {1, 300}, {7, 1}});
  EXPECT_EQ(find_count(bytes, 1).value(), 300U);
  EXPECT_EQ(find_count(bytes, 6).value(), 0U);
  EXPECT_EQ(find_count(bytes, 8).value(), 0U);
  EXPECT_EQ(find_count("", 0).value(), 0U);
  EXPECT_FALSE(find_count("\x01", 1).has_value());
}

TEST(Counts, AddByKey) {
  std::mt19937_64 random(32);
  for (int round = 0; round < 100; ++round) {
    const Counts a = some_counts(random);
    const Counts b = some_counts(random);
    const Counts sum = add_counts(a, b);
    EXPECT_EQ(add_counts(b, a), sum);
    for (std::uint32_t key = 0; key < 50; ++key) {
      EXPECT_EQ(count_in(sum, key), count_in(a, key) + count_in(b, key));
    }
  }
}

TEST(Counts, RefuseDamagedBytes) {
  EXPECT_FALSE(decode_counts("\x01").has_value());
  EXPECT_FALSE(decode_counts("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01").has_value());
}

}  // namespace
}  // namespace piperoll::store::rocks
