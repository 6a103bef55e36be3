#include "store/rocksdb/seq_set.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

base::Bytes encoded(const SeqSet& set) {
  base::Bytes out;
  append_set(out, set);
  return out;
}

base::Bytes encoded(std::vector<std::uint16_t> sorted) {
  base::Bytes out;
  append_set(out, sorted);
  return out;
}

// Members as a plain set, and the same as a SeqSet.
struct Pair {
  std::set<std::uint16_t> plain;
  SeqSet set;
  void add_range(std::uint32_t begin, std::uint32_t end) {
    set.add_range(begin, end);
    for (std::uint32_t low = begin; low < end; ++low) {
      plain.insert(static_cast<std::uint16_t>(low));
    }
  }
};

Pair random_pair(std::mt19937_64& random) {
  Pair pair;
  const auto pieces = random() % 40;
  for (std::uint64_t i = 0; i < pieces; ++i) {
    const auto begin = static_cast<std::uint32_t>(random() % kBucketSeqs);
    const auto length = static_cast<std::uint32_t>(random() % (1U << random() % 14));
    pair.add_range(begin, std::min(begin + length, kBucketSeqs));
  }
  return pair;
}

TEST(SeqSet, AnswersAsAPlainSetDoes) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 200; ++round) {
    const Pair pair = random_pair(random);
    EXPECT_EQ(pair.set.count(), pair.plain.size());
    EXPECT_EQ(pair.set.empty(), pair.plain.empty());
    const std::vector<std::uint16_t> all(pair.plain.begin(), pair.plain.end());
    EXPECT_EQ(pair.set.list(), all);
    EXPECT_EQ(SeqSet::of_sorted(all), pair.set);

    const auto begin = static_cast<std::uint32_t>(random() % kBucketSeqs);
    const auto end = begin + static_cast<std::uint32_t>(random() % (kBucketSeqs + 1 - begin));
    std::vector<std::uint16_t> part;
    for (const std::uint16_t low : all) {
      if (begin <= low && low < end) {
        part.push_back(low);
      }
    }
    std::uint64_t segments = 0;
    SegmentCounts counts{};
    for (const std::uint16_t low : all) {
      segments |= std::uint64_t{1} << (low / kSegmentSeqs);
      ++counts[low / kSegmentSeqs];
    }
    EXPECT_EQ(pair.set.segments(), segments);
    EXPECT_EQ(pair.set.segment_counts(), counts);
    EXPECT_EQ(pair.set.list_in(begin, end), part);
    EXPECT_EQ(pair.set.count_in(begin, end), part.size());
  }
}

TEST(SeqSet, IsMadeOfAnyNumberOfMembers) {
  for (const std::uint32_t count : {0U, 1U, 2U, 4095U, 4096U, 4097U, 65'535U, 65'536U}) {
    std::vector<std::uint16_t> lows;
    for (std::uint32_t i = 0; i < count; ++i) {
      lows.push_back(static_cast<std::uint16_t>(i * (kBucketSeqs / count)));
    }
    SeqSet added;
    for (const std::uint16_t low : lows) {
      added.add(low);
    }
    EXPECT_EQ(SeqSet::of_sorted(lows), added);
    EXPECT_EQ(SeqSet::of_sorted(lows).list(), lows);
  }
}

// In whatever container they are: none, an array, bits, runs.
TEST(SeqSet, CountsItsMembersBySegment) {
  for (const std::uint32_t gap : {1U, 2U, 15U, 16U, 17U, 1023U, 1024U, 65'535U}) {
    SegmentCounts counts{};
    std::vector<std::uint16_t> lows;
    for (std::uint32_t low = 0; low < kBucketSeqs; low += gap) {
      lows.push_back(static_cast<std::uint16_t>(low));
      ++counts[low / kSegmentSeqs];
    }
    EXPECT_EQ(SeqSet::of_sorted(lows).segment_counts(), counts) << gap;
    EXPECT_EQ(decode_set(encoded(lows)).value().segment_counts(), counts) << gap;
  }
  SegmentCounts last{};
  last.back() = 1;
  EXPECT_EQ(SeqSet::range(kBucketSeqs - 1, kBucketSeqs).segment_counts(), last);
  SegmentCounts all{};
  all.fill(kSegmentSeqs);
  EXPECT_EQ(SeqSet::range(0, kBucketSeqs).segment_counts(), all);
  EXPECT_EQ(SeqSet().segment_counts(), SegmentCounts{});
}

TEST(SeqSet, IsReadBackInEveryForm) {
  std::mt19937_64 random(12);
  for (int round = 0; round < 300; ++round) {
    const Pair pair = random_pair(random);
    const std::vector<std::uint16_t> all(pair.plain.begin(), pair.plain.end());
    EXPECT_EQ(decode_set(encoded(pair.set)).value(), pair.set);
    EXPECT_EQ(decode_set(encoded(all)).value(), pair.set);
    EXPECT_EQ(decode_set(encoded(pair.set)).value().segment_counts(), pair.set.segment_counts());
  }
  for (const std::uint32_t end : {1U, 2U, 1000U, kBucketSeqs}) {
    EXPECT_EQ(decode_set(encoded(SeqSet::range(0, end))).value(), SeqSet::range(0, end));
  }
}

TEST(SeqSet, HasTheBytesOfTheFormat) {
  EXPECT_EQ(base::hex_encode(encoded(std::vector<std::uint16_t>{})), "00");
  EXPECT_EQ(base::hex_encode(encoded({3, 5, 300})), "000301a602");
  EXPECT_EQ(base::hex_encode(encoded({7, 8, 9})), "010703");
  EXPECT_EQ(base::hex_encode(encoded(SeqSet::range(0, kBucketSeqs))), "0100808004");
  SeqSet two_runs = SeqSet::range(0, 100);
  two_runs.add_range(200, 300);
  EXPECT_EQ(base::hex_encode(encoded(two_runs)),
            "023b3000000100"
            "00c700"
            "0200"
            "00006300c8006300");
}

TEST(SeqSet, OperationsAreThoseOfSets) {
  std::mt19937_64 random(13);
  for (int round = 0; round < 100; ++round) {
    const Pair a = random_pair(random);
    const Pair b = random_pair(random);
    SeqSet both = a.set;
    both &= b.set;
    SeqSet any = a.set;
    any |= b.set;
    SeqSet less = a.set;
    less -= b.set;
    for (std::uint32_t low = 0; low < kBucketSeqs;
         low += 1 + static_cast<std::uint32_t>(random() % 97)) {
      const auto at = static_cast<std::uint16_t>(low);
      const bool in_a = a.plain.contains(at);
      const bool in_b = b.plain.contains(at);
      ASSERT_EQ(both.contains(at), in_a && in_b);
      ASSERT_EQ(any.contains(at), in_a || in_b);
      ASSERT_EQ(less.contains(at), in_a && !in_b);
    }
  }
}

TEST(SeqSet, RefusesDamagedBytes) {
  EXPECT_FALSE(decode_set("").has_value());
  EXPECT_FALSE(decode_set("\x03").has_value());
  EXPECT_FALSE(decode_set(base::hex_decode("0080").value()).has_value());        // cut varint
  EXPECT_FALSE(decode_set(base::hex_decode("00808004").value()).has_value());    // 65536
  EXPECT_FALSE(decode_set(base::hex_decode("0101808004").value()).has_value());  // 1 + 65536
  SeqSet two_runs = SeqSet::range(0, 100);
  two_runs.add_range(200, 300);
  const base::Bytes good = encoded(two_runs);
  for (std::size_t size = 1; size < good.size(); ++size) {
    EXPECT_FALSE(decode_set(base::ByteView(good).substr(0, size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
