#include "store/rocksdb/unapplied_filter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/testing/event_arbitrary.h"
#include "query/match.h"
#include "query/testing/query_arbitrary.h"
#include "store/rocksdb/testing/record_of.h"

namespace piperoll::store::rocks {
namespace {

using event::Field;
using query::Filter;
using testing::record_of;

constexpr std::uint64_t kFirstSeq = 7;

// One record of each of these actions.
struct Records {
  explicit Records(const std::vector<std::string>& actions) {
    for (const std::string& action : actions) {
      event::Event event = event::make_event(action);
      event.occurred_at = base::Timestamp{static_cast<std::int64_t>(1'000 * (list.size() + 1))};
      add(event);
    }
  }
  void add(const event::Event& event) { list.push_back(record_of(event, kFirstSeq + list.size())); }
  UnappliedRun run() const {
    std::vector<base::ByteView> bytes;
    for (const event::Record& record : list) {
      bytes.push_back(record.bytes());
    }
    return UnappliedRun(std::move(bytes));
  }
  std::vector<event::Record> list;
};

// A letter a record: y, n or ?.
std::string verdicts(const Filter& filter, const UnappliedRun& run) {
  const UnappliedFilter columns(filter, run);
  std::string text;
  for (std::uint64_t seq = run.first_seq(); seq < run.end_seq(); ++seq) {
    text += "n?y"[static_cast<int>(columns.verdict(seq))];
  }
  return text;
}

TEST(UnappliedFilter, TellsWhatColumnsKnow) {
  const Records records({"a", "b", "c"});
  const UnappliedRun run = records.run();
  const event::FieldRef action{Field::Action, {}};
  EXPECT_EQ(verdicts(query::all(), run), "yyy");
  EXPECT_EQ(verdicts(query::equal(action, "b"), run), "n?n") << "its hash may be another's";
  EXPECT_EQ(verdicts(query::in(action, {"a", "c"}), run), "?n?");
  EXPECT_EQ(verdicts(query::negate(query::equal(action, "b")), run), "y?y");
  EXPECT_EQ(verdicts(query::exists(action), run), "yyy");
  EXPECT_EQ(verdicts(query::exists({Field::TargetId, {}}), run), "nnn");
  EXPECT_EQ(verdicts(query::range(Field::OccurredAt, 2'000, 2'999), run), "nyn");
  EXPECT_EQ(verdicts(query::range(Field::RecordedAt, 0, 2'999), run), "nnn");
  EXPECT_EQ(verdicts(query::all_of({query::range(Field::OccurredAt, 2'000, 9'000),
                                    query::equal(action, "b")}),
                     run),
            "n?n");
  EXPECT_EQ(verdicts(query::any_of({query::range(Field::OccurredAt, 3'000, 9'000),
                                    query::equal(action, "b")}),
                     run),
            "n?y");
  EXPECT_EQ(verdicts(query::any_of({}), run), "nnn");
}

TEST(UnappliedFilter, LeavesTheRestToTheBytes) {
  const Records records({"a", "b"});
  const UnappliedRun run = records.run();
  EXPECT_EQ(verdicts(query::words("a"), run), "??");
  EXPECT_EQ(verdicts(query::contains({Field::Action, {}}, "a"), run), "??");
  EXPECT_EQ(verdicts(query::equal({Field::Metadata, "plan"}, "pro"), run), "??");
  EXPECT_EQ(verdicts(query::range(Field::Severity, 0, 9), run), "??");
  EXPECT_EQ(verdicts(query::all_of({query::words("a"), query::exists({Field::TargetId, {}})}), run),
            "nn");
}

TEST(UnappliedFilter, KnowsNothingWhereARecordIsDamaged) {
  const Records records({"a", "b"});
  const UnappliedRun run({records.list[0].bytes(), records.list[1].bytes().substr(0, 60)});
  EXPECT_EQ(verdicts(query::exists({Field::Action, {}}), run), "??");
  EXPECT_EQ(verdicts(query::range(Field::OccurredAt, 0, 1), run), "??");
}

RC_GTEST_PROP(UnappliedFilter, IsRightWhereItIsSure, ()) {
  Records records({});
  for (int i = 0; i < 6; ++i) {
    records.add(*event::arbitrary_event());
  }
  const UnappliedRun run = records.run();
  std::vector<event::RecordView> views;
  for (const event::Record& record : records.list) {
    views.push_back(event::view_of(record));
  }
  const query::VocabularyPointer vocabulary = query::vocabulary_of(views, views.size());
  for (int i = 0; i < 8; ++i) {
    const Filter filter = *query::arbitrary_filter(vocabulary);
    const UnappliedFilter columns(filter, run);
    for (const event::RecordView& view : views) {
      const Verdict verdict = columns.verdict(view.seq());
      RC_ASSERT(verdict == Verdict::Unknown ||
                (verdict == Verdict::Yes) == query::match(filter, view));
    }
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
