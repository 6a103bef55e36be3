// Long offsets in an order by time are counted, not walked: the pages must be those that walking
// gives. Logs of two buckets and more, with records that come late, some by years, and equal times.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

using testing::apply_records;
using testing::record_bytes;
using testing::TempDirectory;
using testing::test_log;

constexpr std::uint64_t kRecords = 150'000;
constexpr std::int64_t kSecond = base::kMicrosPerSecond;

struct Kept {
  std::int64_t time = 0;
  std::uint64_t seq = 0;
  std::uint64_t action = 0;
};

class DeepOffset : public ::testing::Test {
 protected:
  // Of 100 records `late` come late, by up to late_by seconds.
  void fill(std::uint64_t late, std::uint64_t late_by) {
    std::mt19937_64 random(5);
    for (Lsn lsn = 1; records_.size() < kRecords; ++lsn) {
      const std::uint64_t count = std::min<std::uint64_t>(7'001, kRecords - records_.size());
      ASSERT_TRUE(apply_records(*store_, lsn, test_log(1), count, [&](std::uint64_t seq) {
                    // Three records a second, so that times are equal now and then.
                    std::int64_t second = 1'700'000'000 + static_cast<std::int64_t>(seq / 3);
                    if (random() % 100 < late) {
                      second -= static_cast<std::int64_t>(random() % late_by);
                    }
                    const std::uint64_t action = random() % 8 == 0 ? 0 : 1 + random() % 3;
                    records_.push_back({second * kSecond, seq, action});
                    event::Event event = event::make_event("a" + std::to_string(action));
                    event.occurred_at = base::Timestamp{second * kSecond};
                    return record_bytes(seq, event);
                  }).has_value());
    }
  }

  void check(query::Filter filter, bool descending, std::uint64_t offset) {
    const bool all = filter.kind == query::Filter::Kind::All;
    std::vector<Kept> expected;
    std::copy_if(records_.begin(), records_.end(), std::back_inserter(expected),
                 [&](const Kept& kept) { return all || kept.action == 0; });
    std::sort(expected.begin(), expected.end(), [descending](const Kept& a, const Kept& b) {
      const auto less = std::pair(a.time, a.seq) < std::pair(b.time, b.seq);
      return descending ? std::pair(a.time, a.seq) > std::pair(b.time, b.seq) : less;
    });
    const query::PageRequest request{
        .filter = std::move(filter),
        .sort = {{.field = event::Field::OccurredAt, .descending = descending}},
        .limit = 20,
        .offset = offset};

    const Page page = store_->find(test_log(1), request).value();

    std::vector<std::uint64_t> wanted;
    for (std::uint64_t i = offset; i < std::min<std::uint64_t>(offset + 20, expected.size()); ++i) {
      wanted.push_back(expected[i].seq);
    }
    std::vector<std::uint64_t> found;
    for (const event::Record& record : page.records) {
      found.push_back(record.seq());
    }
    EXPECT_EQ(found, wanted) << "offset " << offset << "\n"
                             << store_->explain(test_log(1), request);
    EXPECT_EQ(page.more_after, offset + 20 < expected.size());
    EXPECT_EQ(page.more_before, offset > 0 && !expected.empty());
  }

  void check_offsets() {
    const query::Filter one = query::equal({event::Field::Action, {}}, "a0");
    for (const bool descending : {true, false}) {
      for (const std::uint64_t offset : {0U, 511U, 512U, 700U, 9'000U, 65'536U, 100'000U, 149'000U,
                                         149'985U, 150'000U, 200'000U}) {
        check(query::all(), descending, offset);
        check(one, descending, offset / 8);
      }
    }
  }

  TempDirectory directory_;
  FeistelIdCipher ids_ = testing::test_ids();
  std::unique_ptr<EventStore> store_ =
      open_rocksdb_store({.directory = directory_.path()}, ids_).value();
  std::vector<Kept> records_;
};

TEST_F(DeepOffset, InALogInOrder) {
  fill(0, 1);
  check_offsets();
}

TEST_F(DeepOffset, WithRecordsThatComeALittleLate) {
  fill(5, 600);
  check_offsets();
}

TEST_F(DeepOffset, WithRecordsThatComeYearsLate) {
  fill(5, 3 * 365 * 86'400);
  check_offsets();
}

TEST_F(DeepOffset, WhereTimesAreInNoOrderAtAll) {
  fill(100, 90'000);
  check_offsets();
}

// What the offset costs: of 150,000 records few are looked at, and few segments read.
TEST_F(DeepOffset, ReadsOnlySegmentsAroundItsPlace) {
  fill(0, 1);

  const std::string text = store_->explain(
      test_log(1), query::PageRequest{.filter = query::all(), .limit = 20, .offset = 100'000});

  const std::size_t at = text.find(" segments, ");
  ASSERT_NE(at, std::string::npos) << text;
  const std::size_t begin = text.rfind(' ', at - 1) + 1;
  EXPECT_LE(std::stoul(text.substr(begin, at - begin)), 8U) << text;
}

}  // namespace
}  // namespace piperoll::store::rocks
