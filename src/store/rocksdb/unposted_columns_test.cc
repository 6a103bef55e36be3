#include "store/rocksdb/unposted_columns.h"

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

constexpr Slot kSlot = 2;
constexpr std::size_t kBytesMax = 4 << 20;

// Other codes for every log and slot; none in every fifth segment.
Code code_of(LogNumber log, Slot slot, std::uint64_t seq) {
  return (seq >> kSegmentBits) % 5 == 4 ? kAbsent
                                        : static_cast<Code>(seq % 900 + log * 1000 + slot * 5000);
}

class UnpostedColumnsTest : public ::testing::Test {
 protected:
  // Indexes the records [first, end) of a field.
  void write(LogNumber log, Slot slot, std::uint64_t first, std::uint64_t end) {
    rocksdb::WriteBatch batch;
    for (std::uint64_t seq = first; seq < end;) {
      const std::uint64_t segment = seq >> kSegmentBits;
      const std::uint64_t part_end = std::min(end, (segment + 1) << kSegmentBits);
      std::vector<Code> codes;
      for (std::uint64_t at = seq; at < part_end; ++at) {
        codes.push_back(code_of(log, slot, at));
      }
      if (codes.front() != kAbsent) {
        base::Bytes part;
        append_codes_part(part, static_cast<std::uint32_t>(seq % kSegmentSeqs), codes);
        batch.Merge(database_->handle(Family::Codes),
                    rocksdb::Slice(codes_key(log, kIndexedFields[slot].number, segment)),
                    rocksdb::Slice(part));
      }
      seq = part_end;
    }
    ASSERT_TRUE(database_->write(batch).has_value());
  }
  void damage_first(LogNumber log) {
    rocksdb::WriteBatch batch;
    batch.Put(database_->handle(Family::Codes),
              rocksdb::Slice(codes_key(log, kIndexedFields[kSlot].number, 0)),
              rocksdb::Slice("\x80"));
    ASSERT_TRUE(database_->write(batch).has_value());
  }
  ReadView view(LogNumber log, std::uint64_t indexed) const {
    return {.snapshot = database_->snapshot(),
            .head = std::make_shared<const LogHead>(
                LogHead{.number = log, .size = indexed, .indexed = indexed})};
  }
  std::shared_ptr<const Codes> get(UnpostedColumns& columns, const ReadView& view,
                                   std::uint32_t bucket = 0, Slot slot = kSlot) {
    return columns.get(*database_, view, slot, bucket).value();
  }
  // Whether these are the codes of so many segments of the bucket, from the first on.
  static bool is_right(const Codes& codes, std::uint32_t segments, LogNumber log,
                       std::uint32_t bucket = 0, Slot slot = kSlot) {
    for (std::size_t low = 0; low < codes.size(); ++low) {
      if (codes[low] != code_of(log, slot, (std::uint64_t{bucket} << kBucketBits) + low)) {
        return false;
      }
    }
    return codes.size() == segments * kSegmentSeqs;
  }

  testing::TempDirectory directory_;
  std::unique_ptr<Database> database_ = Database::open({.directory = directory_.path()}).value();
};

TEST_F(UnpostedColumnsTest, KeepWhatIsFull) {
  write(1, kSlot, 0, 7 * kSegmentSeqs + 500);
  UnpostedColumns columns(kBytesMax);
  const ReadView now = view(1, 7 * kSegmentSeqs + 500);

  const auto first = get(columns, now);
  const auto second = get(columns, now);

  EXPECT_TRUE(is_right(*first, 7, 1));
  EXPECT_EQ(second, first);
  EXPECT_GE(columns.memory_bytes(), 7 * kSegmentSeqs * sizeof(Code));
}

TEST_F(UnpostedColumnsTest, AreReadOnAsTheBucketGrows) {
  constexpr std::uint64_t kEnd = kBucketSeqs + 2 * kSegmentSeqs;
  UnpostedColumns columns(kBytesMax);
  std::uint64_t end = 0;
  for (const std::uint64_t next : {1030U, 1500U, 10 * kSegmentSeqs, kBucketSeqs, 67'584U}) {
    write(1, kSlot, end, next);
    end = next;
    const std::uint32_t segments = std::min<std::uint32_t>(
        kSegmentsPerBucket, static_cast<std::uint32_t>(end >> kSegmentBits));
    EXPECT_TRUE(is_right(*get(columns, view(1, end)), segments, 1)) << end;
    damage_first(1);  // is kept, and not read again
  }
  ASSERT_EQ(end, kEnd);
  EXPECT_TRUE(is_right(*get(columns, view(1, kEnd), 1), 2, 1, 1));
}

// It may be given more than it sees, never anything else.
TEST_F(UnpostedColumnsTest, GiveAnOlderViewWhatANewerOneKeeps) {
  write(1, kSlot, 0, 2 * kSegmentSeqs + 1);
  const ReadView older = view(1, 2 * kSegmentSeqs + 1);
  write(1, kSlot, 2 * kSegmentSeqs + 1, 6 * kSegmentSeqs);
  UnpostedColumns columns(kBytesMax);

  EXPECT_TRUE(is_right(*get(columns, older), 2, 1));
  const auto newer = get(columns, view(1, 6 * kSegmentSeqs));
  EXPECT_TRUE(is_right(*newer, 6, 1));
  EXPECT_EQ(get(columns, older), newer);
}

TEST_F(UnpostedColumnsTest, AreOfOneLogFieldAndBucketAndNoMoreThanFit) {
  constexpr std::size_t kBytes = 3 * 2 * kSegmentSeqs * sizeof(Code);
  constexpr std::uint64_t kEnd = kBucketSeqs + 2 * kSegmentSeqs;
  UnpostedColumns columns(kBytes);
  for (const LogNumber log : {1U, 2U}) {
    for (const Slot slot : {Slot{2}, Slot{4}}) {
      write(log, slot, 0, kEnd);
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (const LogNumber log : {1U, 2U}) {
      for (const Slot slot : {Slot{2}, Slot{4}}) {
        EXPECT_TRUE(is_right(*get(columns, view(log, kEnd), 1, slot), 2, log, 1, slot));
        EXPECT_TRUE(is_right(*get(columns, view(log, 2'100), 0, slot), 2, log, 0, slot));
        EXPECT_LE(columns.memory_bytes(), kBytes);
      }
    }
  }
}

TEST_F(UnpostedColumnsTest, ThatAreDamagedAreNotKept) {
  damage_first(1);
  UnpostedColumns columns(kBytesMax);

  const auto codes = columns.get(*database_, view(1, kSegmentSeqs), kSlot, 0);

  ASSERT_FALSE(codes.has_value());
  EXPECT_EQ(codes.error().code, "damaged_index");
  EXPECT_EQ(columns.memory_bytes(), 0U);
}

TEST_F(UnpostedColumnsTest, MayBeReadByManyThreads) {
  write(1, kSlot, 0, 9 * kSegmentSeqs);
  UnpostedColumns columns(kBytesMax);
  std::vector<ReadView> views;
  for (std::uint64_t segments = 1; segments < 10; ++segments) {
    views.push_back(view(1, segments * kSegmentSeqs));
  }
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 200; ++i) {
        const std::size_t at = (i * (t + 1) + i / 7) % views.size();
        const auto codes = columns.get(*database_, views[at], kSlot, 0);
        EXPECT_TRUE(
            codes.has_value() && (*codes)->size() >= (at + 1) * kSegmentSeqs &&
            is_right(**codes, static_cast<std::uint32_t>((*codes)->size() / kSegmentSeqs), 1));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST(FullSegments, AreThoseBelowWhatIsIndexed) {
  const auto full = [](std::uint64_t indexed, std::uint32_t bucket) {
    return full_segments(
        {.snapshot = nullptr,
         .head = std::make_shared<const LogHead>(LogHead{.size = indexed, .indexed = indexed})},
        bucket);
  };
  EXPECT_EQ(full(0, 0), 0U);
  EXPECT_EQ(full(kSegmentSeqs - 1, 0), 0U);
  EXPECT_EQ(full(kSegmentSeqs, 0), 1U);
  EXPECT_EQ(full(3 * std::uint64_t{kBucketSeqs}, 0), kSegmentsPerBucket);
  EXPECT_EQ(full(kBucketSeqs + 2 * kSegmentSeqs + 5, 1), 2U);
  EXPECT_EQ(full(kBucketSeqs + 2 * kSegmentSeqs + 5, 2), 0U);
}

}  // namespace
}  // namespace piperoll::store::rocks
