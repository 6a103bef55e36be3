// Events that an index has the worst of. Answers are those of query::match, and no question touches
// more than reading every row once would: explain's counters tell, not a clock.

#include <algorithm>
#include <functional>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/testing/store_fixture.h"
#include "store/testing/colliding_texts.h"
#include "store/testing/contract_reference.h"

namespace piperoll::store::rocks {
namespace {

using event::Field;
using query::Filter;
using store::testing::colliding_text;
using store::testing::FrameRecord;
using store::testing::ReferenceLog;
using testing::record_bytes;
using testing::test_log;

constexpr std::uint64_t kRecords = 7'000;
constexpr std::uint64_t kBatch = 700;
constexpr std::uint64_t kPage = 50;
constexpr std::uint64_t kNewestMax = 1'024;  // RocksOptions::indexed_from
constexpr std::uint64_t kBlockRecordsMin = 16;
constexpr std::int64_t kYear = 365LL * 24 * 3600 * base::kMicrosPerSecond;

struct Shape {
  std::string name;
  std::function<void(event::Event&, std::uint64_t seq)> change;
  RocksOptions options = {};
  // A page in the order of time that reads rows to decide opens a block again when the walk comes
  // back to it for records that were late.
  std::uint64_t page_times = 1;
};
void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.name;
}

std::string long_value(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(256 - digits.size(), 'p') + digits;
}

void unique(event::Event& event, std::uint64_t seq) {
  const std::string number = std::to_string(seq);
  event.action = "action." + number;
  event.source = "source-" + number;
  event.actor = {.id = "actor-" + number, .name = "Name " + number};
  event.target.id = "target-" + number;
}
void constant(event::Event& event, std::uint64_t /*seq*/) {
  event.action = "always.this";
  event.actor = {.id = "the-only-one", .name = "Only One"};
  event.target.id = "the-only-one";
}
void prefixed(event::Event& event, std::uint64_t seq) {
  event.actor.id = long_value(seq % 40);
  event.target.id = long_value(seq);
}
void late(event::Event& event, std::uint64_t seq) {
  if (seq % 20 == 0) {
    event.occurred_at = {event.occurred_at->micros - 5 * kYear};
  }
}
void colliding(event::Event& event, std::uint64_t seq) {
  event.actor.id = colliding_text(static_cast<std::uint32_t>(seq % 3'000));
  event.target.id = colliding_text(static_cast<std::uint32_t>(seq));
  event.request.id = colliding_text(static_cast<std::uint32_t>(seq));
}

const std::vector<Shape> kShapes = {
    {"Unique", unique},
    {"Constant", constant},
    {"Prefixed", prefixed},
    {"Late", late, {}, 2},
    {"Colliding", colliding, {.field_values_max = 100}},
    {"Exhausted", unique, {.field_values_max = 3}},
};

class Adversarial : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    options_ = GetParam().options;
    options_.directory = directory_.path();
    open();
    for (Lsn lsn = 1; lsn <= kRecords / kBatch; ++lsn) {
      apply(lsn);
      if (lsn % 3 == 0) {
        ASSERT_TRUE(compact_rocksdb_store(*store_).has_value());
      }
      if (lsn == 5) {
        store_.reset();
        open();
      }
    }
  }
  void open() { store_ = open_rocksdb_store(options_, ids_).value(); }
  void apply(Lsn lsn) {
    const auto applied =
        testing::apply_records(*store_, lsn, test_log(1), kBatch, [&](std::uint64_t seq) {
          event::Event event = event::make_event("a" + std::to_string(seq % 7));
          event.actor.id = "u" + std::to_string(seq % 35);
          event.occurred_at = {1'700'000'000'000'000 + static_cast<std::int64_t>(seq) * 60'000'000};
          event.metadata = R"({"n":)" + std::to_string(seq % 10) + "}";
          GetParam().change(event, seq);
          base::Bytes bytes = record_bytes(seq, event);
          expected_.add({.log = test_log(1), .bytes = bytes});
          return bytes;
        });
    ASSERT_TRUE(applied.has_value());
  }

  // What records have, from the first, the middle and the newest; and what none has.
  std::vector<Filter> filters() const {
    std::vector<Filter> filters = {query::all(), query::words("7"),
                                   query::equal({Field::Metadata, "n"}, "3")};
    for (const Field field : {Field::Action, Field::ActorId, Field::TargetId, Field::RequestId}) {
      const event::FieldRef ref{field, {}};
      for (const std::uint64_t seq : {std::uint64_t{1}, kRecords / 2, kRecords - 1}) {
        event::FieldScratch scratch;
        const auto text = event::text_of(expected_.views()[seq], field, scratch);
        const std::string value(text.value_or("nobody"));
        filters.push_back(query::equal(ref, value));
        filters.push_back(query::negate(query::equal(ref, value)));
        filters.push_back(query::contains(ref, value.substr(value.size() / 2)));
        filters.push_back(query::prefix(ref, value.substr(0, value.size() - 1)));
        filters.push_back(query::all_of({query::equal(ref, value), query::words("only")}));
      }
      filters.push_back(query::equal(ref, "nobody"));
      filters.push_back(query::exists(ref));
    }
    const std::int64_t middle = expected_.views()[kRecords / 2].occurred_at().micros;
    filters.push_back(query::range(Field::OccurredAt, middle - kYear, middle));
    return filters;
  }

  struct Cost {
    std::uint64_t rows = 0, blocks = 0;
  };
  // Of the last line of an explanation.
  static Cost cost_of(const std::string& explanation) {
    const std::string mark = "rows: ";
    const std::size_t at = explanation.rfind(mark);
    EXPECT_NE(at, std::string::npos) << explanation;
    Cost cost;
    std::string looked;
    std::istringstream in(explanation.substr(at + mark.size()));
    in >> cost.rows >> looked >> looked >> cost.blocks;
    return cost;
  }
  Cost cost_of(const query::CountRequest& request) {
    return cost_of(store_->explain(test_log(1), request));
  }
  void expect_no_worse(const std::string& explanation, std::uint64_t pages,
                       std::uint64_t times = 1) {
    const Cost cost = cost_of(explanation);
    EXPECT_LE(cost.rows, times * kRecords + pages * kPage) << explanation;
    EXPECT_LE(cost.blocks, times * all_blocks_ + pages * kPage) << explanation;
  }

  void check_page(const query::PageRequest& request) {
    const base::Result<Page> page = store_->find(test_log(1), request);
    ASSERT_TRUE(page.has_value());
    std::vector<std::uint64_t> seqs;
    for (const event::Record& record : page->records) {
      seqs.push_back(record.seq());
    }
    EXPECT_EQ(seqs, expected_.find(request).seqs) << query::print(request.filter);
    expect_no_worse(store_->explain(test_log(1), request), 1, GetParam().page_times);
  }
  void check_counts(const Filter& filter) {
    EXPECT_EQ(store_->count(test_log(1), filter, std::nullopt).value(),
              expected_.matching(filter, kRecords).size())
        << query::print(filter);
    expect_no_worse(store_->explain(test_log(1), query::CountRequest{filter}), 0);
    EXPECT_EQ(store_->histogram(test_log(1), filter, Interval::Day).value(),
              expected_.histogram(filter, Interval::Day))
        << query::print(filter);
    expect_no_worse(store_->explain(test_log(1), query::CountRequest{filter, Interval::Day}), 0);
    for (const Field field : {Field::Action, Field::TargetId, Field::RequestId}) {
      const event::FieldRef ref{field, {}};
      EXPECT_EQ(store_->facets(test_log(1), filter, ref, 5).value(),
                expected_.facets(filter, ref, 5))
          << query::print(filter);
      // Of request ids no texts are kept: rows that match tell, again where rows told that.
      const std::uint64_t times = field == Field::RequestId ? 2 : 1;
      expect_no_worse(store_->explain(test_log(1), query::CountRequest{filter, ref}), 0, times);
    }
  }

  testing::TempDirectory directory_;
  FeistelIdCipher ids_{std::string(FeistelIdCipher::kKeyBytes, 'k')};
  RocksOptions options_;
  std::unique_ptr<EventStore> store_;
  ReferenceLog expected_;
  std::uint64_t all_blocks_ = 0;
};

TEST_P(Adversarial, IsAnsweredRightAndNeverWorseThanByReadingEveryRowOnce) {
  // That no row holds the word is known from every block of the index; the newest are behind it.
  all_blocks_ = cost_of({query::words("general7")}).blocks + kNewestMax / kBlockRecordsMin + 1;
  ASSERT_GT(all_blocks_, kRecords / 64);
  for (const Filter& filter : filters()) {
    check_counts(filter);
    check_page({.filter = filter, .limit = kPage});
    check_page({.filter = filter, .limit = kPage, .offset = kRecords / 3});
    check_page({.filter = filter, .sort = {{.field = Field::TargetId}}, .limit = kPage});
    check_page({.filter = filter, .limit = kPage, .after_seq = kRecords / 2});
    if (HasFailure()) {
      return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Adversarial, ::testing::ValuesIn(kShapes),
                         [](const auto& one) { return one.param.name; });

// Organisations of ten events: no index, no files of their own, and nothing kept in memory for one
// that was not written to lately.
TEST(ManyOrganisations, AreAnsweredApartWithinTheBudgetOfMemory) {
  constexpr std::uint32_t kOrganisations = 3'000;
  const testing::TempDirectory directory;
  const FeistelIdCipher ids{std::string(FeistelIdCipher::kKeyBytes, 'k')};
  const RocksOptions options{.directory = directory.path()};
  std::unique_ptr<EventStore> store = open_rocksdb_store(options, ids).value();
  const auto log_of = [](std::uint32_t number) {
    event::LogId log = test_log(static_cast<std::uint8_t>(number % 250));
    log.org.bytes[0] = static_cast<std::uint8_t>(number / 250);
    return log;
  };
  for (std::uint64_t round = 0; round < 10; ++round) {
    std::vector<base::Bytes> bytes;
    std::vector<AppliedRecord> records;
    for (std::uint32_t i = 0; i < kOrganisations; ++i) {
      bytes.push_back(record_bytes(round, event::make_event("org" + std::to_string(i))));
    }
    for (std::uint32_t i = 0; i < kOrganisations; ++i) {
      records.push_back({.log = log_of(i), .bytes = bytes[i]});
    }
    ASSERT_TRUE(store->apply({.lsn = round + 1, .records = records}).has_value());
    if (round == 6) {
      store.reset();
      store = open_rocksdb_store(options, ids).value();
    }
  }
  EXPECT_EQ(store->logs().size(), kOrganisations);
  for (std::uint32_t i = 0; i < kOrganisations; i += 97) {
    const Filter own = query::equal({Field::Action, {}}, "org" + std::to_string(i));
    EXPECT_EQ(store->count(log_of(i), own, std::nullopt).value(), 10U);
    EXPECT_EQ(store->count(log_of(i), query::negate(own), std::nullopt).value(), 0U);
    EXPECT_EQ(store->find(log_of(i), {.filter = own, .limit = 4}).value().records.front().seq(),
              9U);
  }
  EXPECT_LT(store->stats().memory_bytes, 96ULL << 20);
}

}  // namespace
}  // namespace piperoll::store::rocks
