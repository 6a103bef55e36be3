// Counts, facets and histograms of stretches of time that cells answer: they must be those that
// query::match gives record by record. Logs of months, with records that come years late and times
// on the very ends of hours, days and months.

#include "store/rocksdb/cell_range.h"

#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "query/match.h"
#include "store/rocksdb/answers.h"
#include "store/rocksdb/cell_writer.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

using testing::apply_records;
using testing::record_bytes;
using testing::TempDirectory;
using testing::test_log;

constexpr std::int64_t kHour = 3600 * base::kMicrosPerSecond;
constexpr std::int64_t kDay = 24 * kHour;

std::int64_t micros(const char* time) {
  return base::parse_rfc3339(time).value().micros;
}

std::int64_t begin_of(CellLevel level, std::uint32_t period) {
  return start_of_period(level, period).micros;
}

TEST(PeriodsBetween, AreTheHoursAskedForAndNoneTwice) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 2'000; ++i) {
    const auto first = static_cast<std::uint32_t>(random() % 20'000);
    const auto end = first + static_cast<std::uint32_t>(random() % (i % 2 == 0 ? 100 : 9'000));
    for (const CellLevel top : {CellLevel::Hour, CellLevel::Day, CellLevel::Month}) {
      std::map<std::int64_t, std::int64_t> spans;  // begin to end
      for (const CellPeriods& periods : periods_between(top, first, end)) {
        EXPECT_LE(periods.level, top);
        EXPECT_LT(periods.first, periods.end);
        spans[begin_of(periods.level, periods.first)] = begin_of(periods.level, periods.end);
      }
      std::int64_t at = begin_of(CellLevel::Hour, first);
      for (const auto& [begin, next] : spans) {
        EXPECT_EQ(begin, at);
        at = next;
      }
      EXPECT_EQ(at, begin_of(CellLevel::Hour, end));
    }
  }
}

TEST(PeriodsBetween, AreAsLargeAsTheyCanBe) {
  const auto hour = [](const char* time) {
    return static_cast<std::uint32_t>(micros(time) / kHour);
  };
  const std::uint32_t first = hour("2024-01-30T22:00:00Z");
  const std::uint32_t end = hour("2025-03-02T01:00:00Z");
  EXPECT_EQ(periods_between(CellLevel::Month, first, end),
            (std::vector<CellPeriods>{{CellLevel::Hour, first, first + 2},
                                      {CellLevel::Hour, end - 1, end},
                                      {CellLevel::Day, 19753, 19754},
                                      {CellLevel::Day, 20148, 20149},
                                      {CellLevel::Month, 2024 * 12 + 1, 2025 * 12 + 2}}));
  EXPECT_EQ(periods_between(CellLevel::Month, first, first + 20),
            (std::vector<CellPeriods>{{CellLevel::Hour, first, first + 20}}));
}

class CellRangeTest : public ::testing::Test {
 protected:
  void open(RocksOptions options) {
    store_.reset();
    options.directory = directory_.path();
    store_ = open_rocksdb_store(options, ids_).value();
  }
  // Fifty days, three days' worth of batches, 2 of 100 records up to three years late.
  void add(std::uint64_t count) {
    const std::int64_t begin = micros("2024-01-20T00:00:00Z");
    ASSERT_TRUE(apply_records(*store_, ++lsn_, test_log(1), count, [&](std::uint64_t seq) {
                  std::int64_t time = begin + static_cast<std::int64_t>(seq) * kHour / 20;
                  if (random_() % 100 < 2) {
                    time -= static_cast<std::int64_t>(random_() % (3 * 365)) * kDay;
                  }
                  if (random_() % 10 == 0) {
                    time = time / kHour * kHour - static_cast<std::int64_t>(random_() % 2);
                  }
                  event::Event event = event::make_event("a" + std::to_string(random_() % 300));
                  event.source = "s" + std::to_string(random_() % 5);
                  event.actor.id = "u" + std::to_string(random_() % 40);
                  if (random_() % 3 == 0) {
                    event.request.method = random_() % 2 == 0 ? "GET" : "PUT";
                  }
                  event.occurred_at = base::Timestamp{time};
                  records_.push_back(event::Record::decode(record_bytes(seq, event)).value());
                  return record_bytes(seq, event);
                }).has_value());
  }
  std::int64_t some_time() {
    const std::int64_t begin = micros("2023-12-20T00:00:00Z");
    std::int64_t time = begin + static_cast<std::int64_t>(random_() % (90 * kDay));
    switch (random_() % 5) {
      case 0:
        return time / kHour * kHour;
      case 1:
        return time / kDay * kDay - 1;
      case 2:
        return begin_of(CellLevel::Month, period_of(CellLevel::Month, {time}));
      default:
        return time;
    }
  }
  query::Filter some_stretch() {
    std::int64_t min = some_time();
    std::int64_t max =
        random_() % 4 == 0 ? min + static_cast<std::int64_t>(random_() % (3 * kHour)) : some_time();
    if (random_() % 8 == 0) {
      max = std::numeric_limits<std::int64_t>::max();
    } else if (random_() % 8 == 0) {
      min = std::numeric_limits<std::int64_t>::min();
    }
    return query::range(event::Field::OccurredAt, min, max);
  }
  query::Filter some_filter() {
    const event::FieldRef action{event::Field::Action, {}};
    const std::string some = "a" + std::to_string(random_() % 300);
    switch (random_() % 5) {
      case 0:
        return some_stretch();
      case 1:
        return query::all_of({some_stretch(), query::equal({event::Field::Source, {}}, "s3")});
      case 2:
        return query::all_of({some_stretch(), query::equal(action, some)});
      case 3:
        return query::all_of({some_stretch(), query::in(action, {some, "a7", "a11", "gone"})});
      default:
        return query::all_of({some_stretch(), query::equal({event::Field::ActorId, {}}, "u7"),
                              query::equal({event::Field::RequestMethod, {}}, "PUT")});
    }
  }

  void check(const query::Filter& filter) {
    SCOPED_TRACE(query::print(filter));
    std::vector<const event::Record*> matching;
    for (const event::Record& record : records_) {
      if (query::match(filter, event::view_of(record))) {
        matching.push_back(&record);
      }
    }
    EXPECT_EQ(store_->count(test_log(1), filter, std::nullopt).value(), matching.size());
    for (const auto field : {event::Field::Action, event::Field::Source, event::Field::ActorId,
                             event::Field::RequestMethod}) {
      check_facets(filter, field, matching);
    }
    for (const auto interval : {Interval::Hour, Interval::Day, Interval::Month}) {
      std::map<base::Timestamp, std::uint64_t> expected;
      for (const event::Record* record : matching) {
        ++expected[start_of(interval, record->occurred_at())];
      }
      std::map<base::Timestamp, std::uint64_t> found;
      const std::vector<Bucket> buckets = store_->histogram(test_log(1), filter, interval).value();
      for (const Bucket& bucket : buckets) {
        found[bucket.start] = bucket.count;
      }
      EXPECT_EQ(found, expected);
    }
  }
  void check_facets(const query::Filter& filter, event::Field field,
                    const std::vector<const event::Record*>& matching) {
    std::map<std::string, std::uint64_t> expected;
    std::uint64_t missing = 0;
    event::FieldScratch scratch;
    for (const event::Record* record : matching) {
      const auto text = event::text_of(event::view_of(*record), field, scratch);
      if (text.has_value()) {
        ++expected[std::string(*text)];
      } else {
        ++missing;
      }
    }
    const Facets facets = store_->facets(test_log(1), filter, {field, {}}, 1'000).value();
    std::map<std::string, std::uint64_t> found;
    for (const FacetValue& value : facets.values) {
      found[value.value] = value.count;
    }
    EXPECT_EQ(found, expected) << event::name_of(field);
    EXPECT_EQ(facets.missing, missing);
    EXPECT_EQ(facets.other, 0U);
  }
  std::string explain(const query::Filter& filter) {
    return store_->explain(test_log(1), query::PageRequest{.filter = filter});
  }

  TempDirectory directory_;
  FeistelIdCipher ids_{std::string(FeistelIdCipher::kKeyBytes, 'k')};
  std::unique_ptr<EventStore> store_;
  std::mt19937_64 random_{11};
  std::vector<event::Record> records_;
  Lsn lsn_ = 0;
};

TEST_F(CellRangeTest, CountsWhatRecordsSayAcrossBatchesRestartsAndLateRecords) {
  const RocksOptions options{.flush_at_close = true, .indexed_from = 100};
  open(options);
  for (int part = 0; part < 12; ++part) {
    add(part % 3 == 0 ? 1'970 : 37);  // the newest are not in the index yet, now and then
    if (part % 4 == 3) {
      open(options);
    }
    for (int i = 0; i < 6; ++i) {
      check(some_filter());
    }
  }
}

TEST_F(CellRangeTest, CountsValuesWithoutCodesAsWell) {
  open({.indexed_from = 1, .field_values_max = 4});
  add(1'500);
  for (int i = 0; i < 15; ++i) {
    check(some_filter());
  }
}

TEST_F(CellRangeTest, CountsOnlyTheRecordsOfATree) {
  open({.indexed_from = 1});
  add(3'000);
  const query::Filter filter = query::range(
      event::Field::OccurredAt, micros("2024-01-21T03:20:00Z"), micros("2024-01-23T10:00:00Z"));
  std::uint64_t expected = 0;
  for (std::uint64_t seq = 0; seq < 700; ++seq) {
    expected += query::match(filter, event::view_of(records_[seq])) ? 1U : 0U;
  }
  EXPECT_EQ(store_->count(test_log(1), filter, 700).value(), expected);
}

TEST_F(CellRangeTest, ExplainTellsWhatCellsAnswer) {
  open({.indexed_from = 1});
  add(1'000);
  const std::string by_cells = "cells of whole hours, records at the ends\n";
  const query::Filter stretch = query::range(
      event::Field::OccurredAt, micros("2024-01-20T03:20:00Z"), micros("2024-01-22T10:00:00Z"));
  const query::Filter minutes = query::range(
      event::Field::OccurredAt, micros("2024-01-20T03:20:00Z"), micros("2024-01-20T03:40:00Z"));
  const query::Filter source = query::equal({event::Field::Source, {}}, "s1");
  const query::Filter actor = query::equal({event::Field::ActorId, {}}, "u1");

  EXPECT_NE(explain(stretch).find(by_cells), std::string::npos) << explain(stretch);
  EXPECT_NE(explain(query::all_of({stretch, source})).find(by_cells), std::string::npos);
  EXPECT_EQ(explain(query::all_of({stretch, actor})).find(by_cells), std::string::npos);
  EXPECT_EQ(explain(query::all_of({stretch, source, actor})).find(by_cells), std::string::npos);
  EXPECT_EQ(explain(minutes).find(by_cells), std::string::npos);
  EXPECT_EQ(explain(source).find(by_cells), std::string::npos);
}

}  // namespace
}  // namespace piperoll::store::rocks
