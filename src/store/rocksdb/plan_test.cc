// Which plan is made of a filter, as text: every kind of node, and what normalizing leaves of
// branches. What the nodes answer is tried by the contract suite.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/timestamp.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

using event::Field;
using query::Filter;
using testing::apply_records;
using testing::record_bytes;
using testing::test_log;

constexpr std::int64_t kHour = 3600 * base::kMicrosPerSecond;
constexpr std::int64_t kFirstHour = 472'222 * kHour;  // 2023-11-14T22:00:00Z

event::FieldRef ref(const char* name) {
  return event::parse_field_ref(name).value();
}
Filter eq(const char* field, const char* text) {
  return query::equal(ref(field), text);
}

// Three segments of 1,024 records, an hour each; half a segment more is too new for the index.
class PlanTest : public ::testing::Test {
 protected:
  PlanTest() {
    store_ =
        open_rocksdb_store({.directory = directory_.path(), .indexed_from = 1024}, ids_).value();
    EXPECT_TRUE(apply_records(*store_, 1, test_log(1), 3 * 1024, make).has_value());
    EXPECT_TRUE(apply_records(*store_, 2, test_log(1), 500, make).has_value());
  }
  static base::Bytes make(std::uint64_t seq) {
    event::Event event = event::make_event("a" + std::to_string(seq % 4));
    event.actor.id = "u" + std::to_string(seq % 64);
    event.occurred_at = {kFirstHour + static_cast<std::int64_t>(seq / 1024) * kHour};
    if (seq % 3 == 0) {
      event.request.status_code = static_cast<std::uint16_t>(200 + seq % 2);
    }
    if (seq % 2 == 0) {
      event.metadata = R"({"plan":"pro"})";
    }
    return record_bytes(seq, event);
  }
  // The lines of the plan alone.
  std::string plan(const Filter& filter) {
    const std::string text =
        store_->explain(test_log(1), query::PageRequest{.filter = filter, .limit = 1});
    const std::string begin = "500 newer records, read\n";
    const std::size_t at = text.find(begin) + begin.size();
    return text.substr(at, text.find("sort by") - at);
  }
  struct Case {
    Filter filter;
    const char* plan;
  };
  void expect_all(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      EXPECT_EQ(plan(one.filter), one.plan) << "of " << query::print(one.filter);
    }
  }

  testing::TempDirectory directory_;
  FeistelIdCipher ids_{std::string(FeistelIdCipher::kKeyBytes, 'k')};
  std::unique_ptr<EventStore> store_;
};

TEST_F(PlanTest, ConstantsTouchNothing) {
  expect_all({
      {query::all(), "every record\n"},
      {query::any_of({}), "nothing matches (or)\n"},
      {query::negate(query::all()), "nothing matches (or)\n"},
      {query::words("  "), "every record\n"},
      {eq("action", "nobody"), "nothing matches (= action \"nobody\")\n"},
      {query::range(Field::Action, 1, 2), "nothing matches (or)\n"},
      {query::range(Field::Metadata, 1, 2), "nothing matches (or)\n"},
  });
}

TEST_F(PlanTest, ValuesAreFoundByCode) {
  expect_all({
      {eq("action", "a1"), "postings of action, 1 of 4 values: about 768 records\n"},
      {query::in(ref("action"), {"a1", "a3", "b"}),
       "postings of action, 2 of 4 values: about 1536 records\n"},
      {query::contains(ref("actor.id"), "U1"),
       "postings of actor.id, 11 of 64 values: about 528 records\n"},
      {query::prefix(ref("actor.id"), "u"),
       "column of actor.id, 64 of 64 values: about 3072 records\n"},
      {query::range(Field::RequestStatusCode, 201, 599),
       "postings of request.status_code, 1 of 2 values: about 512 records\n"},
      {query::exists(ref("request.status_code")),
       "presence of request.status_code: about 1024 records\n"},
      {query::exists({Field::Metadata, {}}), "presence of metadata: about 1536 records\n"},
  });
}

TEST_F(PlanTest, AnyOfReadsEveryBranch) {
  expect_all({
      {query::any_of({eq("action", "a1"), eq("actor.id", "u7")}),
       "any of (about 816 records)\n"
       "  postings of action, 1 of 4 values: about 768 records\n"
       "  postings of actor.id, 1 of 64 values: about 48 records\n"},
      {query::any_of({eq("action", "a1"), eq("action", "a2")}),
       "postings of action, 2 of 4 values: about 1536 records\n"},
      {query::any_of({eq("action", "a1"), query::all()}), "every record\n"},
      {query::any_of({eq("metadata.plan", "pro"), eq("actor.id", "u7")}),
       "any of (about 1584 records)\n"
       "  postings of actor.id, 1 of 64 values: about 48 records\n"
       "  rows, read one by one where filters do not rule them out (about 1536 records): (= "
       "metadata.plan \"pro\")\n"},
  });
}

TEST_F(PlanTest, AllButIsSubtracted) {
  expect_all({
      {query::negate(eq("action", "a1")),
       "all but (about 2304 records)\n"
       "  postings of action, 1 of 4 values: about 768 records\n"},
      {query::all_of({eq("actor.id", "u7"), query::negate(eq("action", "a1"))}),
       "all of, the rarest first (about 48 records)\n"
       "  postings of actor.id, 1 of 64 values: about 48 records\n"
       "  all but (about 2304 records)\n"
       "    postings of action, 1 of 4 values: about 768 records\n"},
      {query::negate(query::negate(eq("action", "a1"))),
       "postings of action, 1 of 4 values: about 768 records\n"},
  });
}

TEST_F(PlanTest, TimesAreEstimatedBySegments) {
  const std::string second = std::to_string(kFirstHour + kHour);
  const std::string middle =
      "time column occurred_at from " + second + " to " + second + ": about 1024 records\n";
  expect_all({
      {query::range(Field::OccurredAt, kFirstHour + kHour, kFirstHour + kHour), middle.c_str()},
      {eq("occurred_at", "2023-11-14T23:00:00.000000Z"),
       ("any of (about 1024 records)\n  " + middle).c_str()},
      {eq("occurred_at", "2023-11-14T23:00:00Z"),
       "nothing matches (= occurred_at \"2023-11-14T23:00:00Z\")\n"},
      {query::exists(ref("recorded_at")), "every record\n"},
      {query::prefix(ref("occurred_at"), "2023-11-14T22"),
       "rows, read one by one (about 3072 records): (prefix occurred_at \"2023-11-14T22\")\n"},
      {query::all_of({query::range(Field::OccurredAt, 0, kFirstHour), eq("action", "a1")}),
       "all of, the rarest first (about 768 records)\n"
       "  postings of action, 1 of 4 values: about 768 records\n"
       "  time column occurred_at from 0 to 1699999200000000: about 1024 records\n"
       "counts and histograms: cells of whole hours, records at the ends\n"},
  });
}

TEST_F(PlanTest, SeqsAndIdsAreNumbers) {
  expect_all({
      {eq("id", "id-77"), "1 records by number\n"},
      {eq("id", "id-3200"), "0 records by number\n"},
      {query::in(ref("id"), {"id-5", "id-6", "nobody"}), "2 records by number\n"},
      {query::exists(ref("id")), "every record\n"},
      {query::prefix(ref("id"), "id-1"),
       "rows, read one by one (about 3072 records): (prefix id \"id-1\")\n"},
      {query::in(ref("seq"), {"5", "05", "7"}), "2 records by number\n"},
      {query::range(Field::Seq, 10, 19), "records 10 to 19\n"},
      {query::all_of({query::range(Field::Seq, 10, 30), query::range(Field::Seq, 20, 40)}),
       "records 20 to 30\n"},
      {query::range(Field::Seq, -9, -1), "nothing matches (range seq -9 -1)\n"},
      {query::seq_contains("12", 1), "numbers of records: (contains seq +1 \"12\")\n"},
      {query::exists(ref("seq")), "every record\n"},
  });
}

TEST_F(PlanTest, WhatHasNoIndexIsReadAfterWhatHasOne) {
  expect_all({
      {query::words("pro"), "rows, read one by one (about 3072 records): (words \"pro\")\n"},
      {eq("metadata.plan", "pro"),
       "rows, read one by one where filters do not rule them out (about 1536 records): (= "
       "metadata.plan \"pro\")\n"},
      {query::all_of({query::words("pro"), eq("action", "a1")}),
       "all of, the rarest first (about 768 records)\n"
       "  postings of action, 1 of 4 values: about 768 records\n"
       "  rows, read one by one (about 3072 records): (words \"pro\")\n"},
  });
}

}  // namespace
}  // namespace piperoll::store::rocks
