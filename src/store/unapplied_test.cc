#include "store/unapplied.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "event/event_encoding.h"

namespace piperoll::store {
namespace {

constexpr std::int64_t kRecordedAt = 1'700'000'000'000'000;

base::Bytes record_of(std::uint64_t seq, const std::string& target, std::int64_t occurred_at) {
  event::Event event = event::make_event("user.create");
  event.id = "id-" + std::to_string(seq);
  event.target.id = target;
  event.occurred_at = base::Timestamp{occurred_at};
  base::Bytes bytes;
  event::append_record(bytes, {.seq = seq, .recorded_at = {kRecordedAt}},
                       event::encode_event(event::view_of(event)));
  return bytes;
}

struct UnappliedRunTest : ::testing::Test {
  base::Bytes first = record_of(10, "alice", 5);
  base::Bytes second = record_of(11, "", 7);
  UnappliedRun run{{first, second}};
};

TEST_F(UnappliedRunTest, HoldsRecordsUnderTheirSeqs) {
  EXPECT_EQ(run.first_seq(), 10U);
  EXPECT_EQ(run.end_seq(), 12U);
  EXPECT_EQ(run.record(10), first);
  EXPECT_EQ(run.record(11), second);
}

TEST_F(UnappliedRunTest, HasColumnsOfWhatFiltersSee) {
  ASSERT_EQ(run.times().size(), 2U);
  EXPECT_EQ(run.times()[1].occurred_at, 7);
  EXPECT_EQ(run.times()[1].recorded_at, kRecordedAt);
  const auto targets = run.hashes(event::Field::TargetId);
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0], UnappliedRun::hash_of("alice"));
  EXPECT_EQ(targets[1], UnappliedRun::hash_of("")) << "there, and empty";
  EXPECT_NE(UnappliedRun::hash_of(""), UnappliedRun::kAbsent);
  EXPECT_EQ(run.hashes(event::Field::ActorEmail)[0], UnappliedRun::kAbsent);
  const auto seqs = run.hashes(event::Field::Seq);
  EXPECT_EQ(seqs[0], UnappliedRun::hash_of("10"));
}

TEST_F(UnappliedRunTest, HasNoColumnWhereARecordIsDamaged) {
  const UnappliedRun damaged({first, base::ByteView(second).substr(0, 55)});
  EXPECT_TRUE(damaged.times().empty());
  EXPECT_TRUE(damaged.hashes(event::Field::TargetId).empty());
  EXPECT_EQ(damaged.record(10), first);
}

TEST_F(UnappliedRunTest, GivesManyReadersTheSameColumn) {
  std::vector<std::span<const std::uint32_t>> seen(4);
  std::vector<std::thread> readers;
  for (auto& column : seen) {
    readers.emplace_back([&] {
      EXPECT_EQ(run.times().size(), 2U);
      column = run.hashes(event::Field::TargetId);
    });
  }
  for (std::thread& reader : readers) {
    reader.join();
  }
  for (const auto& column : seen) {
    EXPECT_EQ(column.data(), seen.front().data());
  }
}

TEST(Unapplied, FindsTheRunOfASeq) {
  std::vector<base::Bytes> records;
  for (std::uint64_t seq = 3; seq < 9; ++seq) {
    records.push_back(record_of(seq, "x", 1));
  }
  Unapplied unapplied;
  EXPECT_EQ(unapplied.end_seq(), 0U);
  for (const auto& [begin, end] : {std::pair{0, 1}, {1, 4}, {4, 6}}) {
    unapplied.runs.push_back(std::make_shared<const UnappliedRun>(
        std::vector<base::ByteView>(records.begin() + begin, records.begin() + end)));
  }
  EXPECT_EQ(unapplied.end_seq(), 9U);
  for (std::uint64_t seq = 3; seq < 9; ++seq) {
    EXPECT_EQ(unapplied.run_at(seq).record(seq), records[seq - 3]);
  }
}

}  // namespace
}  // namespace piperoll::store
