// What the index holds and which plans are made of it. That answers are right is tried by the
// contract suite; here it is tried that they do not come from reading rows.

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "store/rocksdb/cell_writer.h"
#include "store/rocksdb/hashed_values.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/log_head.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

using testing::apply_records;
using testing::record_bytes;
using testing::TempDirectory;
using testing::test_log;

TEST(IndexedFields, AreAllTextsAndNumbersButTheIdAndTheSeq) {
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    const auto field = static_cast<event::Field>(i);
    const bool elsewhere = field == event::Field::Id || field == event::Field::Seq ||
                           event::type_of(field) == event::FieldType::Time;
    EXPECT_EQ(slot_of(field).has_value(), !elsewhere) << event::name_of(field);
  }
}

TEST(IndexedFields, HaveNumbersThatGrow) {
  for (Slot slot = 0; slot + 1 < kSlotCount; ++slot) {
    EXPECT_LT(kIndexedFields[slot].number, kIndexedFields[slot + 1].number);
  }
  EXPECT_EQ(kIndexedFields[*slot_of(event::Field::Action)].number, 1);
  EXPECT_EQ(kIndexedFields[*slot_of(event::Field::RequestUserAgent)].number, 25);
}

TEST(LogHead, IsReadBack) {
  LogHead head{.number = 7, .size = 1'000'000, .newest_recorded_at = {1'700'000'000'123'456}};
  EXPECT_EQ(decode_log_head(encode_log_head(head)).value(), head);
  head.indexed = 1'000'000;
  head.posted = {.buckets = 15, .slots = 3};
  EXPECT_EQ(decode_log_head(encode_log_head(head)).value(), head);
  head.fields[0].next_code = 77;
  head.fields[5] = {.next_code = 300, .value_bytes = 12'345, .stopped_at = 0};
  head.fields[kSlotCount - 1] = {.stopped_at = 99};
  const base::Bytes bytes = encode_log_head(head);
  EXPECT_EQ(decode_log_head(bytes).value(), head);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_log_head(base::ByteView(bytes).substr(0, size)).has_value());
  }
}

TEST(LogHead, HasTheBytesOfTheFormat) {
  LogHead head{.number = 7, .size = 300, .newest_recorded_at = {64}};
  EXPECT_EQ(base::hex_encode(encode_log_head(head)),
            "00000007"
            "ac02"
            "8001"
            "00"
            "00");
  for (int i = 0; i < 3; ++i) {
    head.tree.append(tlog::Hash{});
  }
  head.indexed = 200;
  head.fields[1] = {.next_code = 5, .value_bytes = 9};
  EXPECT_EQ(base::hex_encode(encode_log_head(head)),
            "00000007"
            "ac02"
            "8001"
            "03"
            "ae0798d0ecaed2b778eddebf18f071a561c53658c05e76cedecc27cafbdbc577"
            "0000000000000000000000000000000000000000000000000000000000000000"
            "c801"
            "0000"
            "02050900"
            "00");
}

TEST(Cells, PeriodsBeginWhereTheyShould) {
  const base::Timestamp time = base::parse_rfc3339("2024-02-29T23:59:59.999999Z").value();
  const auto start = [&](CellLevel level) {
    return base::format_rfc3339_trimmed(start_of_period(level, period_of(level, time)));
  };
  EXPECT_EQ(start(CellLevel::Hour), "2024-02-29T23:00:00Z");
  EXPECT_EQ(start(CellLevel::Day), "2024-02-29T00:00:00Z");
  EXPECT_EQ(start(CellLevel::Month), "2024-02-01T00:00:00Z");
  EXPECT_EQ(start_of_period(CellLevel::Month, period_of(CellLevel::Month, base::kTimestampMin)),
            base::kTimestampMin);
}

class IndexTest : public ::testing::Test {
 protected:
  void open(RocksOptions options) {
    options.directory = directory_.path();
    store_ = open_rocksdb_store(options, ids_).value();
  }
  std::string explain(query::Filter filter) {
    return store_->explain(test_log(1), query::PageRequest{.filter = std::move(filter)});
  }
  std::string explain(query::Sort sort) {
    return store_->explain(test_log(1),
                           query::PageRequest{.filter = query::all(), .sort = std::move(sort)});
  }

  TempDirectory directory_;
  FeistelIdCipher ids_{std::string(FeistelIdCipher::kKeyBytes, 'k')};
  std::unique_ptr<EventStore> store_;
};

TEST_F(IndexTest, IsBuiltWhenTheLogIsLargeEnough) {
  open({.indexed_from = 50});
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 49).has_value());
  const query::Filter filter = query::equal({event::Field::Action, {}}, "test.action3");
  EXPECT_EQ(explain(filter),
            "49 records, too few for an index: read all, keep (= action \"test.action3\")\n"
            "sort by -occurred_at\n");

  ASSERT_TRUE(apply_records(*store_, 2, test_log(1), 21).has_value());

  EXPECT_EQ(explain(filter),
            "70 records in 1 buckets, indexed\n"
            "postings of action, 1 of 7 values: about 10 records\n"
            "sort by -occurred_at: columns, stop after the page\n"
            "10 records found\n"
            "touched: 1 buckets, 0 postings, 1 columns, 1 segments, 1 cells; rows: 0 looked at, "
            "5 blocks read\n");
  EXPECT_EQ(store_->count(test_log(1), filter, std::nullopt).value(), 10U);
}

TEST_F(IndexTest, PlansStartWithTheRarest) {
  open({.indexed_from = 1});
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 70, [](std::uint64_t seq) {
                event::Event event = event::make_event("a" + std::to_string(seq % 7));
                event.actor.id = "u" + std::to_string(seq % 35);
                event.metadata = seq % 2 == 0 ? R"({"plan":"pro"})" : "";
                return record_bytes(seq, event);
              }).has_value());

  EXPECT_EQ(explain(query::all_of({query::equal({event::Field::Metadata, "plan"}, "pro"),
                                   query::equal({event::Field::Action, {}}, "a0"),
                                   query::equal({event::Field::ActorId, {}}, "u7"),
                                   query::contains({event::Field::ActorId, {}}, "U")})),
            "70 records in 1 buckets, indexed\n"
            "all of, the rarest first (about 2 records)\n"
            "  postings of actor.id, 1 of 35 values: about 2 records\n"
            "  postings of action, 1 of 7 values: about 10 records\n"
            "  rows, read one by one where filters do not rule them out (about 35 records): "
            "(= metadata.plan \"pro\")\n"
            "  column of actor.id, 35 of 35 values: about 70 records\n"
            "sort by -occurred_at: columns, stop after the page\n"
            "1 records found\n"
            "touched: 1 buckets, 0 postings, 3 columns, 1 segments, 38 cells; rows: 2 looked at, "
            "2 blocks read\n");
}

TEST_F(IndexTest, ValuesBeyondTheLimitAreFoundByHash) {
  open({.indexed_from = 1, .field_values_max = 20});
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 100, [](std::uint64_t seq) {
                event::Event event = event::make_event("a");
                event.request.id = "r" + std::to_string(seq);
                return record_bytes(seq, event);
              }).has_value());

  const auto filter = query::equal({event::Field::RequestId, {}}, "r70");
  EXPECT_EQ(explain(filter),
            "100 records in 1 buckets, indexed\n"
            "postings of request.id, 0 of 20 values: about 1 records; from 20 on, where "
            "values have no code, rows found by hash: 1\n"
            "sort by -occurred_at: columns, stop after the page\n"
            "1 records found\n"
            "touched: 1 buckets, 0 postings, 0 columns, 1 segments, 0 cells; rows: 1 looked at, "
            "1 blocks read\n");
  EXPECT_EQ(store_->count(test_log(1), filter, std::nullopt).value(), 1U);
  EXPECT_EQ(store_->count(test_log(1), query::negate(filter), std::nullopt).value(), 99U);
  EXPECT_NE(explain(query::Sort{{.field = event::Field::RequestId}})
                .find("sort by -request.id: read every match"),
            std::string::npos);
  EXPECT_NE(explain(query::Sort{{.field = event::Field::Action}}).find("sort by -action: columns"),
            std::string::npos);
}

TEST_F(IndexTest, ValuesBeyondTheLimitAreSearchedCountedAndSortedWithoutTheirRows) {
  open({.indexed_from = 1, .field_values_max = 20});
  constexpr std::uint64_t kRecords = 3'000;
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), kRecords, [](std::uint64_t seq) {
                event::Event event = event::make_event("a");
                if (seq % 10 != 0) {
                  event.target.id = seq % 3 == 0 ? "R-common" : "R-" + std::to_string(10'000 - seq);
                }
                return record_bytes(seq, event);
              }).has_value());
  const event::FieldRef id{event::Field::TargetId, {}};
  const auto count = [&](const query::Filter& filter) {
    return store_->count(test_log(1), filter, std::nullopt).value();
  };
  const std::string no_rows = "rows: 0 looked at";

  EXPECT_NE(explain(query::Sort{{.field = event::Field::TargetId}})
                .find("sort by -target.id: texts of every match"),
            std::string::npos);
  EXPECT_EQ(count(query::contains(id, "r-73")), 60U);  // R-7300 to R-7399
  EXPECT_NE(explain(query::contains(id, "r-73")).find(no_rows), std::string::npos)
      << explain(query::contains(id, "r-73"));
  EXPECT_EQ(count(query::prefix(id, "R-7")), 600U);
  EXPECT_EQ(count(query::equal(id, "R-common")), 900U);
  EXPECT_NE(explain(query::equal(id, "R-common")).find(no_rows), std::string::npos);
  EXPECT_EQ(count(query::negate(query::equal(id, "R-common"))), 2'100U);

  const Facets facets = store_->facets(test_log(1), query::all(), id, 2).value();
  EXPECT_EQ(facets.values.at(0), (FacetValue{"R-common", 900}));
  EXPECT_EQ(facets.values.at(1), (FacetValue{"R-7001", 1}));
  EXPECT_EQ(facets.other, 1'799U);
  EXPECT_EQ(facets.missing, 300U);

  const auto page = [&](bool descending) {
    const query::Sort sort = {{.field = event::Field::TargetId, .descending = descending}};
    return store_
        ->find(test_log(1), {.filter = query::all(), .sort = sort, .limit = 2, .offset = 1})
        .value();
  };
  EXPECT_EQ(page(false).records.at(0).event().target.id, "R-7002");
  EXPECT_EQ(page(false).records.at(1).event().target.id, "R-7004");
  EXPECT_EQ(page(true).records.at(0).seq(), 2'980U) << "those without come first";
}

TEST_F(IndexTest, OfFieldsWithoutTextsOnlyRowsWithTheHashAreRead) {
  open({.indexed_from = 1, .field_values_max = 20});
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 3'000, [](std::uint64_t seq) {
                event::Event event = event::make_event("a");
                const bool common = seq > 60 && seq % 10 == 0;
                event.request.id = common ? "R-common" : "R-" + std::to_string(seq);
                return record_bytes(seq, event);
              }).has_value());
  const auto filter = query::equal({event::Field::RequestId, {}}, "R-common");

  EXPECT_EQ(store_->count(test_log(1), filter, std::nullopt).value(), 293U);
  const query::Sort by_action = {{.field = event::Field::Action}};
  const std::string plan =
      store_->explain(test_log(1), {.filter = filter, .sort = by_action, .limit = 1'000});
  EXPECT_NE(plan.find("rows: 293 looked at"), std::string::npos) << plan;
}

// Over several buckets and with so many batches that parts are joined on the way.
TEST_F(IndexTest, SparseFieldsAreFoundByHashAcrossBucketsBatchesAndRestarts) {
  const RocksOptions options{.indexed_from = 1, .sparse_values_max = 100};
  open(options);
  constexpr std::uint64_t kRecords = 70'000;
  std::uint64_t size = 0;
  for (Lsn lsn = 1; size < kRecords; ++lsn) {
    const std::uint64_t count = lsn <= 60 ? 20 : 2'000;
    ASSERT_TRUE(apply_records(*store_, lsn, test_log(1), count, [](std::uint64_t seq) {
                  event::Event event = event::make_event("a" + std::to_string(seq % 7));
                  event.request.id = "r" + std::to_string(seq / 2);
                  return record_bytes(seq, event);
                }).has_value());
    size += count;
    if (lsn == 30) {
      store_.reset();
      open(options);
    }
  }
  for (const int pair : {0, 40, 60, 70, 300, 599, 600, 32767, 32768, 33000}) {
    const auto filter = query::equal({event::Field::RequestId, {}}, "r" + std::to_string(pair));
    EXPECT_EQ(store_->count(test_log(1), filter, std::nullopt).value(), 2U) << pair;
  }
  const auto absent = query::equal({event::Field::RequestId, {}}, "r40000");
  EXPECT_EQ(store_->count(test_log(1), absent, std::nullopt).value(), 0U);
  EXPECT_NE(explain(absent).find("0 of 100 values"), std::string::npos) << explain(absent);
}

TEST_F(IndexTest, RowsAreReadOnlyWhereFiltersDoNotRuleThemOut) {
  const RocksOptions options{.indexed_from = 1};
  open(options);
  constexpr std::uint64_t kRecords = 70'000;
  std::uint64_t size = 0;
  for (Lsn lsn = 1; size < kRecords; ++lsn) {
    const std::uint64_t count = lsn % 3 == 0 ? 7 : 3'000;
    ASSERT_TRUE(apply_records(*store_, lsn, test_log(1), count, [](std::uint64_t seq) {
                  event::Event event = event::make_event("a");
                  event.metadata =
                      R"({"plan":"pro","session":"s)" + std::to_string(seq / 2) + "\"}";
                  return record_bytes(seq, event);
                }).has_value());
    size += count;
    if (lsn == 4) {
      store_.reset();
      open(options);
    }
  }
  const event::FieldRef session{event::Field::Metadata, "session"};
  const auto rows_of = [&](const std::string& explained) {
    const std::size_t at = explained.find("rows: ");
    return at == std::string::npos ? kRecords : std::stoull(explained.substr(at + 6));
  };
  for (const int pair : {0, 511, 512, 5'000, 32'767, 32'768, 34'000}) {
    const auto filter = query::equal(session, "s" + std::to_string(pair));
    EXPECT_EQ(store_->count(test_log(1), filter, std::nullopt).value(), 2U) << pair;
    EXPECT_EQ(store_->count(test_log(1), query::negate(filter), std::nullopt).value(), size - 2);
    const std::string explained = store_->explain(test_log(1), query::CountRequest{filter});
    EXPECT_LE(rows_of(explained), 4 * kSegmentSeqs) << explained;
  }
  const auto absent = query::in(session, {"s99999", "pro"});
  EXPECT_EQ(store_->count(test_log(1), absent, std::nullopt).value(), 0U);
  const std::string explained = store_->explain(test_log(1), query::CountRequest{absent});
  EXPECT_LE(rows_of(explained), 3 * kSegmentSeqs) << explained;
}

// Every segment holds times of the whole hour, so that its bounds rule nothing out.
class TimesOfAnHourTest : public IndexTest {
 protected:
  static constexpr std::uint64_t kRare = 2'000;  // one record in so many
  static std::int64_t second_of(std::uint64_t seq) {
    return static_cast<std::int64_t>(seq * 2'531 % 3'600);
  }
  void apply(Lsn lsn, std::uint64_t count) {
    ASSERT_TRUE(apply_records(*store_, lsn, test_log(1), count, [](std::uint64_t seq) {
                  event::Event event = event::make_event("a");
                  event.actor.id = seq % kRare == 100 ? "rare" : "u" + std::to_string(seq % 50);
                  event.occurred_at = at(second_of(seq));
                  return record_bytes(seq, event);
                }).has_value());
  }
  static base::Timestamp at(std::int64_t second) {
    return {1'700'000'000'000'000 + second * base::kMicrosPerSecond};
  }
  static query::Filter between(std::int64_t first, std::int64_t last) {
    return query::range(event::Field::OccurredAt, at(first).micros, at(last).micros);
  }
};

TEST_F(TimesOfAnHourTest, AreReadOnceAndOnlyWhereCandidatesAre) {
  open({.indexed_from = 1});
  apply(1, 5 * kSegmentSeqs);
  const auto filter =
      query::all_of({between(600, 3'000), query::equal({event::Field::ActorId, {}}, "rare")});

  const std::string first = explain(filter);
  const std::string second = explain(filter);

  // 100, 2,100 and 4,100.
  EXPECT_NE(first.find(" 3 segments"), std::string::npos) << first;
  EXPECT_NE(second.find(" 0 segments"), std::string::npos) << second;
}

TEST_F(TimesOfAnHourTest, AreRightWhileTheLogGrows) {
  open({.indexed_from = 1});
  std::uint64_t size = 0;
  Lsn lsn = 0;
  for (const std::uint64_t count : {700U, 300U, 23U, 1U, 1U, 1'022U, 1U, 900U, 2'000U}) {
    apply(++lsn, count);
    size += count;
    std::vector<std::uint64_t> expected;
    for (std::uint64_t seq = 0; seq < size; ++seq) {
      if (600 <= second_of(seq) && second_of(seq) <= 3'000) {
        expected.push_back(seq);
      }
    }
    std::sort(expected.begin(), expected.end(), [](std::uint64_t a, std::uint64_t b) {
      return std::pair(second_of(a), a) > std::pair(second_of(b), b);
    });
    for (int again = 0; again < 2; ++again) {
      const Page page =
          store_->find(test_log(1), {.filter = between(600, 3'000), .limit = size}).value();
      std::vector<std::uint64_t> seqs;
      for (const event::Record& record : page.records) {
        seqs.push_back(record.seq());
      }
      EXPECT_EQ(seqs, expected) << "of " << size << " records";
    }
  }
}

// Absent and "" share the lowest place; together they are more than are sorted as a whole.
TEST_F(IndexTest, OrdersByValueWhereManyShareTheLastPlace) {
  open({.indexed_from = 1});
  constexpr std::uint64_t kRecords = 3 * kSortWholeMax / 2;
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), kRecords, [](std::uint64_t seq) {
                event::Event event = event::make_event("a");
                if (seq % 100 == 0) {
                  event.request.user_agent = "agent" + std::to_string(seq % 3);
                } else if (seq % 2 == 0) {
                  event.request.user_agent = "";
                }
                return record_bytes(seq, event);
              }).has_value());
  const query::Sort sort = {{.field = event::Field::RequestUserAgent,
                             .descending = true,
                             .absent = query::Absent::Lowest}};
  const auto lowest = [](const event::Record& record) {
    return record.event().request.user_agent.value_or("");
  };
  for (const std::uint64_t offset : {0U, 30U, 61U, 100U, 5'000U}) {
    const auto page =
        store_->find(test_log(1), {.sort = sort, .limit = kRecords, .offset = offset});
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->records.size(), kRecords - offset);
    for (std::size_t i = 1; i < page->records.size(); ++i) {
      const event::Record& before = page->records[i - 1];
      const event::Record& record = page->records[i];
      ASSERT_TRUE(lowest(before) > lowest(record) ||
                  (lowest(before) == lowest(record) && before.seq() > record.seq()))
          << offset << " " << i;
    }
  }
}

// A position that is not in the index may have a text before all that are: "" is equal to absent
// ones where these count as "", any other text comes after them.
TEST_F(IndexTest, APositionBeforeAllTextsOfTheIndexStandsWhereItShould) {
  const auto with_email = [](std::optional<std::string> email) {
    return [email = std::move(email)](std::uint64_t seq) {
      event::Event event = event::make_event("a");
      event.actor.email = email;
      return record_bytes(seq, event);
    };
  };
  open({.indexed_from = 2});
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 2, with_email(std::nullopt)).has_value());
  ASSERT_TRUE(apply_records(*store_, 2, test_log(1), 2, with_email("b")).has_value());
  store_.reset();
  open({.indexed_from = 10});
  ASSERT_TRUE(apply_records(*store_, 3, test_log(1), 1, with_email("")).has_value());
  ASSERT_TRUE(apply_records(*store_, 4, test_log(1), 1, with_email("a")).has_value());
  const query::Sort ascending = {
      {.field = event::Field::ActorEmail, .descending = false, .absent = query::Absent::Lowest}};
  const auto seqs = [&](const query::PageRequest& request) {
    const Page page = store_->find(test_log(1), request).value();
    std::vector<std::uint64_t> found;
    for (const event::Record& record : page.records) {
      found.push_back(record.seq());
    }
    return found;
  };
  using Seqs = std::vector<std::uint64_t>;
  ASSERT_EQ(seqs({.sort = ascending}), (Seqs{0, 1, 4, 5, 2, 3}));

  EXPECT_EQ(seqs({.sort = ascending, .before_seq = 4}), (Seqs{0, 1}));
  EXPECT_EQ(seqs({.sort = ascending, .after_seq = 4}), (Seqs{5, 2, 3}));
  EXPECT_EQ(seqs({.sort = ascending, .before_seq = 5}), (Seqs{0, 1, 4}));
  EXPECT_EQ(seqs({.sort = ascending, .after_seq = 5}), (Seqs{2, 3}));
  // Where "a" took the place of the absent, the term behind it would have decided.
  for (const bool descending : {false, true}) {
    query::Sort sort = {ascending.front(), {.field = event::Field::Seq, .descending = descending}};
    sort.front().descending = true;
    EXPECT_EQ(seqs({.sort = sort, .after_seq = 5}), descending ? (Seqs{4, 1, 0}) : (Seqs{0, 1, 4}));
    EXPECT_EQ(seqs({.sort = sort, .after_seq = 4}), descending ? (Seqs{1, 0}) : Seqs{});
  }
}

TEST(HashedValues, AreCrc32cButNeverZero) {
  EXPECT_EQ(hash_of("123456789"), 0xe3069283U);  // RFC 3720, B.4
  EXPECT_EQ(hash_of(""), 1U);
}

TEST_F(IndexTest, LongValuesKeepApartWhatSharesABeginning) {
  open({.indexed_from = 1});
  const std::string stem(1000, 's');
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(
        apply_records(*store_, static_cast<Lsn>(i + 1), test_log(1), 3, [&](std::uint64_t seq) {
          event::Event event = event::make_event("a");
          event.summary = stem + std::to_string(seq % 3);
          return record_bytes(seq, event);
        }).has_value());
  }

  const event::FieldRef summary{event::Field::Summary, {}};
  EXPECT_EQ(store_->count(test_log(1), query::equal(summary, stem + "1"), std::nullopt).value(),
            3U);
  EXPECT_EQ(store_->count(test_log(1), query::equal(summary, stem), std::nullopt).value(), 0U);
  const Facets facets = store_->facets(test_log(1), query::all(), summary, 2).value();
  EXPECT_EQ(facets.values.at(0), (FacetValue{stem + "0", 3}));
  EXPECT_EQ(facets.other, 3U);
}

}  // namespace
}  // namespace piperoll::store::rocks
