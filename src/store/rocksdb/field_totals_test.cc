#include "store/rocksdb/field_totals.h"

#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/counts_codec.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

constexpr Slot kSlot = 3;
constexpr std::size_t kBytesMax = 1 << 20;

// A field of which records have been indexed: what is in the database, and the same counted
// plainly.
class FieldTotalsTest : public ::testing::Test {
 protected:
  // Indexes records with these codes, as FieldWriter does.
  void add(LogNumber log, const std::vector<Code>& codes) {
    std::vector<Code>& all = columns_[log];
    rocksdb::WriteBatch batch;
    for (std::size_t begin = 0; begin < codes.size();) {
      const std::uint64_t seq = all.size();
      const std::size_t count =
          std::min<std::size_t>(kSegmentSeqs - seq % kSegmentSeqs, codes.size() - begin);
      const auto some = std::span(codes).subspan(begin, count);
      base::Bytes part;
      append_codes_part(part, static_cast<std::uint32_t>(seq % kSegmentSeqs), some);
      batch.Merge(database_->handle(Family::Codes),
                  rocksdb::Slice(codes_key(log, number(), seq >> kSegmentBits)),
                  rocksdb::Slice(part));
      all.insert(all.end(), some.begin(), some.end());
      begin += count;
    }
    const std::vector<std::uint64_t> counts = counted(codes, kCodes);
    for (std::uint32_t chunk = 0; chunk * kTotalsPerChunk < kCodes; ++chunk) {
      Counts of_chunk;
      for (std::uint32_t i = 0; i < kTotalsPerChunk && chunk * kTotalsPerChunk + i < kCodes; ++i) {
        if (counts[chunk * kTotalsPerChunk + i] > 0) {
          of_chunk.push_back({i, counts[chunk * kTotalsPerChunk + i]});
        }
      }
      base::Bytes value;
      append_counts(value, of_chunk);
      batch.Merge(database_->handle(Family::Roll), rocksdb::Slice(totals_key(log, number(), chunk)),
                  rocksdb::Slice(value));
    }
    ASSERT_TRUE(database_->write(batch).has_value());
  }
  // As things are now.
  ReadView view(LogNumber log) {
    LogHead head{.number = log, .size = columns_[log].size(), .indexed = columns_[log].size()};
    head.fields[kSlot].next_code = kCodes;
    return {.snapshot = database_->snapshot(), .head = std::make_shared<const LogHead>(head)};
  }
  base::Result<FieldTotalsPointer> get(TotalsLists& lists, const ReadView& view) {
    return lists.get(*database_, view, kSlot, cost_);
  }
  // What there is to be said of the first records of a log.
  std::vector<std::uint64_t> expected(LogNumber log, std::uint64_t records) {
    return counted(std::span(columns_[log]).first(records), kCodes);
  }
  static std::vector<std::uint64_t> counted(std::span<const Code> codes, Code end) {
    std::vector<std::uint64_t> counts(end);
    for (const Code code : codes) {
      counts[kAbsent] += code != kAbsent ? 1 : 0;
      counts[code] += code >= kFirstCode ? 1 : 0;
    }
    return counts;
  }
  static std::vector<Code> some_codes(std::mt19937_64& random, std::size_t count) {
    std::vector<Code> codes(count);
    for (Code& code : codes) {
      code = static_cast<Code>(random() % kCodes);
    }
    return codes;
  }
  static std::uint8_t number() { return kIndexedFields[kSlot].number; }

  static constexpr Code kCodes = 700;  // in three keys of totals
  testing::TempDirectory directory_;
  std::unique_ptr<Database> database_ = Database::open({.directory = directory_.path()}).value();
  std::map<LogNumber, std::vector<Code>> columns_;
  QueryCost cost_;
};

TEST_F(FieldTotalsTest, AreReadOnce) {
  std::mt19937_64 random(1);
  add(1, some_codes(random, 1500));
  TotalsLists lists(kBytesMax);

  const FieldTotalsPointer first = get(lists, view(1)).value();
  const FieldTotalsPointer second = get(lists, view(1)).value();

  EXPECT_EQ(first->by_code, expected(1, 1500));
  EXPECT_EQ(second, first);
  EXPECT_EQ(cost_.cells, 3U);
  EXPECT_GE(lists.memory_bytes(), kCodes * sizeof(std::uint64_t));
}

TEST_F(FieldTotalsTest, AreCountedOnWhereFewRecordsCame) {
  std::mt19937_64 random(2);
  add(1, some_codes(random, 3000));
  TotalsLists lists(kBytesMax);
  ASSERT_EQ(get(lists, view(1)).value()->by_code, expected(1, 3000));
  cost_ = {};

  add(1, some_codes(random, 700));  // of two segments
  EXPECT_EQ(get(lists, view(1)).value()->by_code, expected(1, 3700));
  EXPECT_EQ(cost_.cells, 0U);
  EXPECT_EQ(cost_.segments, 2U);

  add(1, some_codes(random, 4 * kSegmentSeqs));
  EXPECT_EQ(get(lists, view(1)).value()->by_code, expected(1, 3700 + 4 * kSegmentSeqs));
  EXPECT_EQ(cost_.cells, 3U) << "as many segments cost more";
}

// Records of the field that have values without codes, and segments that nobody has it in.
TEST_F(FieldTotalsTest, CountWhatHasNoCodeAsPresent) {
  TotalsLists lists(kBytesMax);
  add(1, {kUnlisted, kFirstCode, kAbsent});
  ASSERT_EQ(get(lists, view(1)).value()->by_code, expected(1, 3));

  add(1, {kUnlisted, kAbsent, kFirstCode + 1, kUnlisted});
  const FieldTotalsPointer totals = get(lists, view(1)).value();

  EXPECT_EQ(totals->by_code[kAbsent], 5U);
  EXPECT_EQ(totals->by_code[kUnlisted], 0U);
  EXPECT_EQ(totals->by_code, expected(1, 7));
  columns_[1].resize(9);  // two more, of which no column tells
  EXPECT_EQ(get(lists, view(1)).value()->by_code, expected(1, 9));
}

// Whatever newer views keep, and it keeps nothing in their place.
TEST_F(FieldTotalsTest, OfAnOlderViewAreItsOwn) {
  std::mt19937_64 random(3);
  add(1, some_codes(random, 1000));
  const ReadView older = view(1);
  add(1, some_codes(random, 1000));
  TotalsLists lists(kBytesMax);

  const FieldTotalsPointer newer = get(lists, view(1)).value();
  EXPECT_EQ(get(lists, older).value()->by_code, expected(1, 1000));
  EXPECT_EQ(newer->by_code, expected(1, 2000));
  EXPECT_EQ(get(lists, view(1)).value(), newer);
}

TEST_F(FieldTotalsTest, AreThoseOfEveryViewInAnyOrder) {
  std::mt19937_64 random(4);
  TotalsLists lists(3 * kCodes * sizeof(std::uint64_t));
  std::vector<ReadView> views;
  for (int round = 0; round < 60; ++round) {
    const LogNumber log = 1 + random() % 2;
    add(log, some_codes(random, 1 + random() % (random() % 4 == 0 ? 5000 : 300)));
    views.push_back(view(log));
    for (int question = 0; question < 4; ++question) {
      const ReadView& asked =
          views[views.size() - 1 - random() % std::min<std::size_t>(views.size(), 5)];
      const FieldTotalsPointer totals = get(lists, asked).value();
      ASSERT_EQ(totals->indexed, asked.head->indexed);
      ASSERT_EQ(totals->by_code, expected(asked.head->number, asked.head->indexed));
    }
    EXPECT_LE(lists.memory_bytes(), 3 * kCodes * sizeof(std::uint64_t));
  }
}

TEST_F(FieldTotalsTest, ThatAreDamagedAreNotKept) {
  rocksdb::WriteBatch batch;
  base::Bytes value;
  append_counts(value, Counts{{kCodes % kTotalsPerChunk, 1}});  // of a code that was not given
  batch.Put(database_->handle(Family::Roll),
            rocksdb::Slice(totals_key(1, number(), kCodes / kTotalsPerChunk)),
            rocksdb::Slice(value));
  ASSERT_TRUE(database_->write(batch).has_value());
  TotalsLists lists(kBytesMax);

  const auto totals = get(lists, view(1));

  ASSERT_FALSE(totals.has_value());
  EXPECT_EQ(totals.error().code, "damaged_index");
  EXPECT_EQ(lists.memory_bytes(), 0U);
}

TEST_F(FieldTotalsTest, MayBeReadByManyThreads) {
  std::mt19937_64 random(5);
  std::vector<ReadView> views;
  for (int round = 0; round < 8; ++round) {
    add(1, some_codes(random, 400));
    views.push_back(view(1));
  }
  TotalsLists lists(kBytesMax);
  std::vector<std::vector<std::uint64_t>> wanted;
  for (const ReadView& view : views) {
    wanted.push_back(expected(1, view.head->indexed));
  }
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      QueryCost cost;
      for (std::size_t i = 0; i < 200; ++i) {
        const std::size_t at = (i * (t + 1) + i / 7) % views.size();
        const auto totals = lists.get(*database_, views[at], kSlot, cost);
        EXPECT_TRUE(totals.has_value() && (*totals)->by_code == wanted[at]);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
