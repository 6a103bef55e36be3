#include "store/rocksdb/time_segments.h"

#include <algorithm>
#include <span>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

constexpr TimeColumn kOccurred = TimeColumn::Occurred;
constexpr TimeColumn kRecorded = TimeColumn::Recorded;

// Times as far apart as columns hold them, other ones for every key.
std::int64_t time_of(LogNumber log, TimeColumn column, std::uint64_t seq) {
  const auto of_key = static_cast<std::int64_t>(log * 10 + static_cast<unsigned>(column));
  const auto place = static_cast<std::int64_t>(seq);
  return 1'700'000'000'000'000 + of_key * 1'000'000'007 + (place % 7) * 86'400'000'000 - place * 3;
}

class TimeSegmentsTest : public ::testing::Test {
 protected:
  // Puts the times of records [first, end) of a segment behind those that it has.
  void write(LogNumber log, TimeColumn column, std::uint64_t segment, std::uint32_t first,
             std::uint32_t end) {
    std::vector<std::int64_t> times;
    for (std::uint32_t i = first; i < end; ++i) {
      times.push_back(time_of(log, column, segment * kSegmentSeqs + i));
    }
    base::Bytes part;
    append_times_part(part, first, times);
    rocksdb::WriteBatch batch;
    batch.Merge(database_->handle(Family::Time), rocksdb::Slice(times_key(log, column, segment)),
                rocksdb::Slice(part));
    ASSERT_TRUE(database_->write(batch).has_value());
  }
  ReadView view(LogNumber log, std::uint64_t indexed) const {
    return {.snapshot = database_->snapshot(),
            .head = std::make_shared<const LogHead>(
                LogHead{.number = log, .size = indexed, .indexed = indexed})};
  }
  base::Result<TimeSegmentPointer> get(TimeSegments& segments, const ReadView& view,
                                       TimeColumn column, std::uint64_t segment) {
    return segments.get(*database_, view, column, segment, cost_);
  }
  // Whether the first `count` times of a segment are what was written.
  static bool is_right(const TimeSegment& times, LogNumber log, TimeColumn column,
                       std::uint64_t segment, std::uint32_t count = kSegmentSeqs) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (times[i] != time_of(log, column, segment * kSegmentSeqs + i)) {
        return false;
      }
    }
    return true;
  }

  testing::TempDirectory directory_;
  std::unique_ptr<Database> database_ = Database::open({.directory = directory_.path()}).value();
  QueryCost cost_;
};

TEST_F(TimeSegmentsTest, OfAFullSegmentAreReadOnce) {
  write(1, kOccurred, 0, 0, kSegmentSeqs);
  TimeSegments segments(1 << 20);
  const ReadView full = view(1, kSegmentSeqs);

  const TimeSegmentPointer first = get(segments, full, kOccurred, 0).value();
  const TimeSegmentPointer second = get(segments, full, kOccurred, 0).value();

  EXPECT_TRUE(is_right(*first, 1, kOccurred, 0));
  EXPECT_EQ(second, first);
  EXPECT_EQ(cost_.segments, 1U);
  EXPECT_GE(segments.memory_bytes(), sizeof(TimeSegment));
}

TEST_F(TimeSegmentsTest, OfASegmentThatGrowsAreReadEachTime) {
  constexpr std::uint32_t kFirst = kSegmentSeqs - 1;
  write(1, kOccurred, 0, 0, kFirst);
  TimeSegments segments(1 << 20);

  const TimeSegmentPointer before = get(segments, view(1, kFirst), kOccurred, 0).value();
  EXPECT_TRUE(is_right(*before, 1, kOccurred, 0, kFirst));
  EXPECT_EQ(before->back(), 0);
  EXPECT_EQ(segments.memory_bytes(), 0U);

  write(1, kOccurred, 0, kFirst, kSegmentSeqs);
  EXPECT_TRUE(
      is_right(*get(segments, view(1, kSegmentSeqs), kOccurred, 0).value(), 1, kOccurred, 0));
  EXPECT_EQ(cost_.segments, 2U);
  EXPECT_GT(segments.memory_bytes(), 0U);
}

// An older view reads its own snapshot, whatever newer ones keep, and keeps nothing of it.
TEST_F(TimeSegmentsTest, OfAnOlderViewAreItsOwn) {
  constexpr std::uint32_t kOlder = 700;
  write(1, kOccurred, 0, 0, kOlder);
  const ReadView older = view(1, kOlder);
  write(1, kOccurred, 0, kOlder, kSegmentSeqs);
  TimeSegments segments(1 << 20);

  const TimeSegmentPointer newer = get(segments, view(1, kSegmentSeqs), kOccurred, 0).value();
  const TimeSegmentPointer times = get(segments, older, kOccurred, 0).value();

  EXPECT_TRUE(is_right(*times, 1, kOccurred, 0, kOlder));
  EXPECT_TRUE(std::all_of(times->begin() + kOlder, times->end(), [](auto at) { return at == 0; }));
  EXPECT_EQ(get(segments, view(1, kSegmentSeqs), kOccurred, 0).value(), newer);
}

TEST_F(TimeSegmentsTest, AreOfOneLogColumnAndSegment) {
  TimeSegments segments(1 << 20);
  for (const int round : {1, 2}) {
    for (const LogNumber log : {1U, 2U}) {
      for (const TimeColumn column : {kOccurred, kRecorded}) {
        for (const std::uint64_t segment : {0U, 1U, 64U}) {
          if (round == 1) {
            write(log, column, segment, 0, kSegmentSeqs);
          }
          const ReadView full = view(log, 65 * kSegmentSeqs);
          EXPECT_TRUE(
              is_right(*get(segments, full, column, segment).value(), log, column, segment));
        }
      }
    }
  }
  EXPECT_EQ(cost_.segments, 12U);
}

TEST_F(TimeSegmentsTest, TakeNoMoreThanFits) {
  constexpr std::size_t kBytesMax = 4 * sizeof(TimeSegment);
  constexpr std::uint64_t kWritten = 9;
  for (std::uint64_t segment = 0; segment < kWritten; ++segment) {
    write(1, kOccurred, segment, 0, kSegmentSeqs);
  }
  TimeSegments segments(kBytesMax);
  const ReadView full = view(1, kWritten * kSegmentSeqs);

  const TimeSegmentPointer held = get(segments, full, kOccurred, 0).value();
  for (std::uint64_t segment = 1; segment < kWritten; ++segment) {
    EXPECT_TRUE(is_right(*get(segments, full, kOccurred, segment).value(), 1, kOccurred, segment));
    EXPECT_LE(segments.memory_bytes(), kBytesMax);
  }

  EXPECT_GE(segments.memory_bytes(), kBytesMax / 2);
  EXPECT_TRUE(is_right(*held, 1, kOccurred, 0)) << "whoever holds it has it";
  EXPECT_EQ(cost_.segments, kWritten);
  EXPECT_NE(get(segments, full, kOccurred, 0).value(), held);
  EXPECT_EQ(cost_.segments, kWritten + 1);
}

TEST_F(TimeSegmentsTest, ThatAreDamagedAreNotKept) {
  rocksdb::WriteBatch batch;
  batch.Put(database_->handle(Family::Time), rocksdb::Slice(times_key(1, kOccurred, 0)),
            rocksdb::Slice("\x00\x80\x08 and so on", 13));
  ASSERT_TRUE(database_->write(batch).has_value());
  TimeSegments segments(1 << 20);
  const ReadView full = view(1, 2 * kSegmentSeqs);

  for (const std::uint64_t segment : {0U, 1U}) {  // the other is not there at all
    const auto times = get(segments, full, kOccurred, segment);
    ASSERT_FALSE(times.has_value()) << segment;
    EXPECT_EQ(times.error().code, "damaged_index") << segment;
  }
  EXPECT_EQ(segments.memory_bytes(), 0U);
}

// Fewer fit than are read, so that they are found, decoded, kept and forgotten all the time.
TEST_F(TimeSegmentsTest, MayBeReadByManyThreads) {
  constexpr std::uint64_t kWritten = 6;
  for (std::uint64_t segment = 0; segment < kWritten; ++segment) {
    write(1, kOccurred, segment, 0, kSegmentSeqs);
  }
  TimeSegments segments(4 * sizeof(TimeSegment));
  const ReadView full = view(1, kWritten * kSegmentSeqs);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      QueryCost cost;
      for (std::uint64_t i = 0; i < 400; ++i) {
        const std::uint64_t segment = (i * (t + 1) + i / 10) % kWritten;
        const auto times = segments.get(*database_, full, kOccurred, segment, cost);
        EXPECT_TRUE(times.has_value() && is_right(**times, 1, kOccurred, segment));
        EXPECT_LE(segments.memory_bytes(), 4 * sizeof(TimeSegment));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
