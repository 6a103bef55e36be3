#include "store/rocksdb/column_codec.h"

#include <algorithm>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

std::vector<Code> some_codes(std::mt19937_64& random, std::size_t count, std::uint64_t distinct) {
  std::vector<Code> codes;
  for (std::size_t i = 0; i < count; ++i) {
    codes.push_back(static_cast<Code>(random() % distinct * 977 % 1'000'000));
  }
  return codes;
}

TEST(CodesColumn, IsReadBackWhateverTheNumberOfValues) {
  std::mt19937_64 random(21);
  for (const std::uint64_t distinct : {1U, 2U, 3U, 17U, 256U, 257U, 5000U}) {
    for (const std::size_t count : {1U, 7U, 1023U, 1024U}) {
      const std::vector<Code> codes = some_codes(random, count, distinct);
      const auto first = static_cast<std::uint32_t>(kSegmentSeqs - count);
      base::Bytes part;
      append_codes_part(part, first, codes);

      std::vector<Code> segment(kSegmentSeqs);
      ASSERT_TRUE(read_codes(part, segment).has_value());

      EXPECT_EQ(std::vector<Code>(segment.begin() + first, segment.end()), codes);
      EXPECT_EQ(std::vector<Code>(segment.begin(), segment.begin() + first),
                std::vector<Code>(first));
    }
  }
}

TEST(CodesColumn, PartsMayFollowEachOther) {
  base::Bytes parts;
  append_codes_part(parts, 0, std::vector<Code>{5, 6});
  append_codes_part(parts, 2, std::vector<Code>{7});
  append_codes_part(parts, 9, std::vector<Code>{5, 5, 5});

  std::vector<Code> segment(kSegmentSeqs);
  ASSERT_TRUE(read_codes(parts, segment).has_value());

  EXPECT_EQ(std::vector<Code>(segment.begin(), segment.begin() + 13),
            (std::vector<Code>{5, 6, 7, 0, 0, 0, 0, 0, 0, 5, 5, 5, 0}));
}

TEST(CodesColumn, HasTheBytesOfTheFormat) {
  base::Bytes constant;
  append_codes_part(constant, 3, std::vector<Code>{300, 300});
  EXPECT_EQ(base::hex_encode(constant),
            "0302"
            "01"
            "ac02");
  base::Bytes mixed;
  append_codes_part(mixed, 0, std::vector<Code>{9, 2, 9, 4});  // places 2 0 2 1 in {2, 4, 9}
  EXPECT_EQ(base::hex_encode(mixed),
            "0004"
            "03"
            "020205"
            "62");
}

TEST(CodesColumn, RefusesEveryTruncation) {
  std::mt19937_64 random(22);
  base::Bytes part;
  append_codes_part(part, 0, some_codes(random, 50, 9));
  std::vector<Code> segment(kSegmentSeqs);
  for (std::size_t size = 1; size < part.size(); ++size) {
    EXPECT_FALSE(read_codes(base::ByteView(part).substr(0, size), segment).has_value()) << size;
  }
}

// In parts and with gaps between them, against reading the whole segment.
TEST(CodesColumn, FindsWhatReadingFinds) {
  std::mt19937_64 random(24);
  for (int round = 0; round < 300; ++round) {
    base::Bytes parts;
    std::uint32_t end = 0;
    while (end < kSegmentSeqs) {
      const auto first = static_cast<std::uint32_t>(end + random() % 3 * (random() % 40));
      const std::size_t size = 1 + random() % 400;
      if (first + size > kSegmentSeqs) {
        break;
      }
      append_codes_part(parts, first,
                        some_codes(random, size, 1 + random() % (random() % 2 == 0 ? 20 : 2'000)));
      end = first + static_cast<std::uint32_t>(size);
    }
    std::vector<Code> segment(kSegmentSeqs);
    ASSERT_TRUE(read_codes(parts, segment).has_value());
    std::vector<Code> wanted;
    for (Code i = 1; i < 25; ++i) {
      if (random() % 4 == 0) {
        wanted.push_back(i * 977);  // as some_codes() makes them
      }
    }
    if (random() % 3 == 0 && wanted.size() > 1) {
      wanted.resize(1);  // is looked for in its own way
    }
    const bool any = random() % 5 == 0;
    std::vector<std::uint16_t> expected = {9};  // what was there stays
    for (std::uint32_t i = 0; i < kSegmentSeqs; ++i) {
      if (any ? segment[i] != kAbsent
              : std::binary_search(wanted.begin(), wanted.end(), segment[i])) {
        expected.push_back(static_cast<std::uint16_t>(2048 + i));
      }
    }

    std::vector<std::uint16_t> found = {9};
    const CodeFilter filter = any ? CodeFilter() : CodeFilter(wanted);
    ASSERT_TRUE(find_codes(parts, filter, 2048, found).has_value());

    ASSERT_EQ(found, expected) << round;

    // As the third segment of what was read before, the last of it not whole.
    std::vector<Code> codes(2 * kSegmentSeqs, kAbsent);
    codes.insert(codes.end(), segment.begin(), segment.begin() + 1000);
    std::erase_if(expected, [](std::uint16_t low) { return low >= 2048 + 1000; });
    std::vector<std::uint16_t> found_again = {9};
    find_codes(codes, filter, found_again);
    ASSERT_EQ(found_again, expected) << round;
  }
}

TEST(CodesColumn, TakesNoHarmFromAnyBytes) {
  std::mt19937_64 random(23);
  std::vector<Code> segment(kSegmentSeqs);
  std::vector<std::int64_t> times(kSegmentSeqs);
  for (int round = 0; round < 20'000; ++round) {
    base::Bytes bytes(random() % 30, '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(random() % 5 == 0 ? random() : random() % 8);
    }
    const bool read = read_codes(bytes, segment).has_value();
    std::vector<std::uint16_t> found;
    EXPECT_TRUE(find_codes(bytes, CodeFilter(), 0, found).has_value() || !read);
    (void)read_times(bytes, times).has_value();
    (void)decode_bounds(bytes).has_value();
  }
}

TEST(TimesColumn, IsReadBackInParts) {
  const std::vector<std::int64_t> before = {0, 1'700'000'000'000'000, 1'699'999'999'999'999};
  const std::vector<std::int64_t> after = {253'402'300'799'999'999, 5};
  base::Bytes parts;
  append_times_part(parts, 10, before);
  append_times_part(parts, 13, after);

  std::vector<std::int64_t> segment(kSegmentSeqs);
  ASSERT_TRUE(read_times(parts, segment).has_value());

  EXPECT_EQ(std::vector<std::int64_t>(segment.begin() + 10, segment.begin() + 13), before);
  EXPECT_EQ(std::vector<std::int64_t>(segment.begin() + 13, segment.begin() + 15), after);
}

TEST(TimesColumn, HasTheBytesOfTheFormat) {
  base::Bytes part;
  append_times_part(part, 1, std::vector<std::int64_t>{100, 99, 101});
  EXPECT_EQ(base::hex_encode(part),
            "0103"
            "c801"
            "01"
            "04");
}

TEST(TimeBounds, AreReadBack) {
  std::vector<TimeBounds> segments(5);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    segments[i].add(1000 - static_cast<std::int64_t>(i));
    segments[i].add(2000 + static_cast<std::int64_t>(i));
    segments[i].add(1500);
  }
  EXPECT_EQ(decode_bounds(encode_bounds(segments)).value(), segments);
  EXPECT_TRUE(decode_bounds("")->empty());
  EXPECT_FALSE(decode_bounds("\x80").has_value());
}

}  // namespace
}  // namespace piperoll::store::rocks
