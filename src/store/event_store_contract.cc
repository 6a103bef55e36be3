#include "store/event_store_contract.h"

#include <algorithm>
#include <atomic>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "store/testing/colliding_texts.h"
#include "store/testing/contract_run.h"

namespace piperoll::store {
namespace {

using testing::announced_seed;
using testing::ContractRun;
using testing::Frame;
using testing::FrameRecord;
using testing::Reference;
using testing::ReferenceLog;
using testing::scaled;
using testing::World;
using testing::WorldOptions;

bool failed() {
  return ::testing::Test::HasFailure();
}

std::string seed_note(std::uint64_t seed) {
  return "PIPEROLL_PROPERTY_SEED=" + std::to_string(seed);
}

// Grows by random steps, with flushes, compactions and restarts between them, and asks at every
// step.
void live(ContractRun& run, int steps, std::uint64_t step_records, int questions) {
  for (int step = 0; step < steps && !failed(); ++step) {
    run.grow(1 + run.below(step_records));
    if (run.below(4) == 0) {
      run.flush();
    }
    if (run.below(4) == 0) {
      run.compact();
    }
    if (run.below(4) == 0) {
      run.restart();
    }
    run.check(questions);
    run.index_newest();
  }
}

TEST_P(EventStoreContract, AnEmptyStoreHasNothing) {
  ContractRun run(GetParam(), 1, {.wild_events = false});
  EventStore& store = run.store();
  const event::LogId log = run.first_log();

  EXPECT_EQ(store.applied_lsn(), 0U);
  EXPECT_EQ(store.size(log), 0U);
  EXPECT_EQ(store.newest_recorded_at(log), std::nullopt);
  EXPECT_TRUE(store.logs().empty());
  EXPECT_EQ(store.count(log, query::all(), std::nullopt).value(), 0U);
  EXPECT_TRUE(store.facets(log, query::all(), {event::Field::Action, {}}, 10)->values.empty());
  EXPECT_TRUE(store.histogram(log, query::all(), Interval::Day)->empty());
  EXPECT_EQ(store.get(log, 0).error().kind, base::ErrorKind::NotFound);
  EXPECT_FALSE(store.get_by_id(log, "x")->has_value());
  EXPECT_FALSE(store.get_applied_by_id(log, "x")->has_value());
  run.check_find(log, {});
  run.check_whole();
  run.restart();
  run.check_whole();
}

TEST_P(EventStoreContract, AnswersAsTheReferenceDoes) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  for (int round = 0; round < scaled(3) && !failed(); ++round) {
    ContractRun run(GetParam(), seed + static_cast<std::uint64_t>(round), {});
    live(run, 8, 600, 60);
  }
}

TEST_P(EventStoreContract, AnswersAfterEverySingleFrame) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1, .frame_records_max = 3, .variety = 10});
  for (int i = 0; i < scaled(120) && !failed(); ++i) {
    run.grow_by_frame();
    run.check(3);
  }
}

// Stores may change their ways when a log has grown: 1,024 records is where indexes begin.
TEST_P(EventStoreContract, AnswersTheSameWhileALogGrowsPastAThousand) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1, .frame_records_max = 4});
  while (run.reference().log(run.first_log()).size() < 1000 && !failed()) {
    run.grow(40);
  }
  run.check(20);
  while (run.reference().log(run.first_log()).size() < 1060 && !failed()) {
    run.grow_by_frame();
    if (run.below(10) == 0) {
      run.restart();
    }
    run.check(4);
  }
}

TEST_P(EventStoreContract, SortsByEveryField) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1});
  for (const std::uint64_t records : {250U, 1500U}) {
    run.grow(records);
    for (std::size_t field = 0; field < event::kFieldCount && !failed(); ++field) {
      query::SortTerm term{.field = static_cast<event::Field>(field)};
      if (event::type_of(term.field) == event::FieldType::Object) {
        continue;
      }
      term.descending = run.below(2) == 0;
      term.absent = run.below(2) == 0 ? query::Absent::Lowest : query::Absent::Highest;
      run.check_find(run.first_log(), {.sort = {term}, .limit = query::kNoLimit});
      term.descending = !term.descending;
      run.check_find(run.first_log(), {.sort = {term}, .limit = 40, .offset = run.below(200)});
    }
  }
}

TEST_P(EventStoreContract, CountsEveryField) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1});
  for (const std::uint64_t records : {250U, 1500U}) {
    run.grow(records);
    const event::LogId& log = run.first_log();
    for (const auto& entry : run.vocabulary(log)->entries) {
      const bool path = event::type_of(entry.field.field) == event::FieldType::Object;
      if (path && run.below(10) != 0) {
        continue;  // there are hundreds
      }
      if (event::type_of(entry.field.field) != event::FieldType::Time && !failed()) {
        run.check_facets(log, query::all(), entry.field, 1 + run.below(2000));
        run.check_count(log, query::exists(entry.field));
      }
    }
    for (const Interval interval : {Interval::Hour, Interval::Day, Interval::Month}) {
      run.check_histogram(log, query::all(), interval);
    }
  }
}

TEST_P(EventStoreContract, PagesShowEveryRecordOnceWhileTheLogGrows) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1});
  run.grow(900);
  for (int i = 0; i < scaled(15) && !failed(); ++i) {
    const event::LogId& log = run.first_log();
    query::PageRequest request = run.draw(query::arbitrary_page_request(run.vocabulary(log)));
    request.limit = 1 + run.below(200);
    if (run.below(2) == 0) {
      request.filter = query::all();
      request.limit += 20;
    }
    run.check_walk(log, request);
  }
}

TEST_P(EventStoreContract, KeepsManySmallLogsApart) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 150, .even = true});
  for (int step = 0; step < 4 && !failed(); ++step) {
    run.grow(400);
    run.check(scaled(100));
    run.restart();
  }
  run.check(scaled(50));
}

TEST_P(EventStoreContract, CopesWithManyValuesAndManyPaths) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1, .variety = 5000});
  live(run, 4, 2500, scaled(25));
}

// Whoever writes events may choose values that no hash of ours, unkeyed as it is, tells apart.
TEST_P(EventStoreContract, TellsValuesApartWhoseChecksumsCollide) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ASSERT_EQ(base::crc32c("a-" + testing::colliding_text(1)),
            base::crc32c("a-" + testing::colliding_text(77'777)));
  ContractRun run(GetParam(), seed,
                  {.organisations = 1, .variety = 300, .wild_events = false, .colliding = true});
  live(run, 6, 1200, scaled(40));
}

TEST_P(EventStoreContract, AnswersBetweenCompactions) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 2});
  for (int step = 0; step < scaled(10) && !failed(); ++step) {
    run.grow(1 + run.below(300));
    run.compact();
    run.grow(1 + run.below(40));
    run.check(20);
    if (run.below(3) == 0) {
      run.restart();
      run.compact();
      run.check(10);
    }
  }
}

void check_around_border(ContractRun& run) {
  const event::LogId& log = run.first_log();
  constexpr std::uint64_t kBorder = 65'536;
  for (std::uint64_t near = kBorder - 2; near <= kBorder + 1 && !failed(); ++near) {
    const query::Filter filter = run.draw(query::arbitrary_leaf(run.vocabulary(log)));
    for (const bool descending : {false, true}) {
      const query::Sort by_seq = {{.field = event::Field::Seq, .descending = descending}};
      run.check_find(log, {.filter = filter, .sort = by_seq, .limit = 5, .after_seq = near});
      run.check_find(log, {.sort = by_seq, .limit = 5, .before_seq = near});
    }
    run.check_find(log, {.filter = filter, .limit = 30, .tree_size = near});
    run.check_find(log, {.limit = 3, .offset = near - 4, .tree_size = near});
    const auto from = static_cast<std::int64_t>(near) - 3;
    run.check_count(log, query::all_of({filter, query::range(event::Field::Seq, from, from + 6)}));
    run.check_scan(log, query::all(), near, query::kNoLimit);
    run.check_scan(log, filter, near - 50, near);
  }
}

// A log of more than 65,536 records, where compressed sets of seqs begin a second part.
TEST_P(EventStoreContract, AnswersAcrossTheBorderOf65536) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed,
                  {.organisations = 1,
                   .frame_records_max = 200,
                   .variety = 400,
                   .wild_events = false,
                   .lean_until = 52'000});
  run.grow(77'000);
  run.check(scaled(10));
  while (run.reference().log(run.first_log()).size() < 66'000 && !failed()) {
    run.grow(500);
  }
  check_around_border(run);
  run.check(scaled(6));
  run.flush();
  run.restart();
  run.grow(300);
  run.check(scaled(8));
}

TEST_P(EventStoreContract, SurvivesARestartAfterAnyBatch) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.frame_records_max = 30});
  for (int i = 0; i < scaled(25) && !failed(); ++i) {
    run.grow(1 + run.below(60));
    if (run.below(3) == 0) {
      run.flush();
    }
    run.restart();
    run.check(6);
  }
}

TEST_P(EventStoreContract, GrowsATreeAcrossTilesAndBatches) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1, .frame_records_max = 40});
  while (run.reference().log(run.first_log()).size() < 1400 && !failed()) {
    run.grow(120);
    run.check_tree(run.first_log());
    if (run.below(4) == 0) {
      run.restart();
      run.check_whole();
    }
  }
}

// Where no leaves come the tree stays; what it lacks is given to it later, and then it goes on.
TEST_P(EventStoreContract, ATreeThatStayedBehindIsMended) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1, .leaves = false});
  run.grow(1 + run.below(900));
  const event::LogId log = run.first_log();
  EXPECT_EQ(run.store().tree(log), TreeHead{});

  while (run.store().tree(log).size < run.store().size(log) && !failed()) {
    run.grow_tree(log);
    run.check_whole();
    run.check_tree(log);
  }
}

TEST_P(EventStoreContract, KeepsTheLastCheckpointOfALog) {
  ContractRun run(GetParam(), 1, {.wild_events = false});
  run.grow(20);
  const event::LogId log = run.first_log();
  const event::LogId other{log.org, event::LogKind::Access};

  EXPECT_EQ(run.store().kept_checkpoint(log).value(), std::nullopt);
  ASSERT_TRUE(run.store().keep_checkpoint(log, "first").has_value());
  ASSERT_TRUE(run.store().keep_checkpoint(log, "second\n").has_value());
  EXPECT_EQ(run.store().kept_checkpoint(log).value(), "second\n");
  EXPECT_EQ(run.store().kept_checkpoint(other).value(), std::nullopt);
  if (GetParam().durable) {
    run.flush();
    run.restart();
    EXPECT_EQ(run.store().kept_checkpoint(log).value(), "second\n");
  }
}

TEST_P(EventStoreContract, RefusesABatchThatHoldsNoRecordAndAppliesNothingOfIt) {
  ContractRun run(GetParam(), 7, {.wild_events = false});
  run.grow(50);
  const event::LogId log = run.first_log();
  const std::string good = "a control record";
  const std::string broken = "\xff no record";
  const std::vector<AppliedRecord> records = {{AppliedRecord::Kind::Control, {}, good},
                                              {AppliedRecord::Kind::Event, log, broken}};

  const base::Result<void> applied = run.store().apply({1'000'000, records});

  ASSERT_FALSE(applied.has_value());
  EXPECT_EQ(applied.error().kind, base::ErrorKind::Corruption);
  run.restart();
  run.check(20);
}

TEST_P(EventStoreContract, KnowsNoPositionOutsideTheLog) {
  ContractRun run(GetParam(), 8, {.wild_events = false});
  run.grow(50);
  const event::LogId log = run.first_log();
  const std::uint64_t size = run.store().size(log);
  for (const std::uint64_t seq : {size, size + 1, query::kNoLimit}) {
    const base::Result<Page> after = run.store().find(log, {.after_seq = seq});
    const base::Result<Page> before = run.store().find(log, {.before_seq = seq});
    ASSERT_FALSE(after.has_value() || before.has_value());
    EXPECT_EQ(after.error().kind, base::ErrorKind::NotFound);
    EXPECT_EQ(before.error().kind, base::ErrorKind::NotFound);
    EXPECT_EQ(run.store().get(log, seq).error().kind, base::ErrorKind::NotFound);
  }
}

TEST_P(EventStoreContract, AScanSeesOneSnapshotAndDoesNotHoldUpApply) {
  ContractRun run(GetParam(), 9, {});
  run.grow(1500);
  const event::LogId log = run.first_log();
  const std::uint64_t before = run.store().size(log);
  std::uint64_t visited = 0;

  const base::Result<void> scanned =
      run.store().scan(log, 0, query::kNoLimit, query::all(), [&](const event::RecordView& record) {
        EXPECT_EQ(record.seq(), visited);
        ++visited;
        if (visited % 400 == 1) {
          run.grow(100);
        }
        return true;
      });

  EXPECT_TRUE(scanned.has_value());
  EXPECT_EQ(visited, before);
  EXPECT_GT(run.store().size(log), before);
  run.check(10);
}

TEST_P(EventStoreContract, RunsAreTheRecordsOfTheRangeUntilTheVisitorHasEnough) {
  ContractRun run(GetParam(), 13, {});
  run.grow(1500);
  const event::LogId log = run.first_log();
  const std::uint64_t size = run.store().size(log);
  ASSERT_GT(size, 40U);
  for (const auto& [from, to] : {std::pair<std::uint64_t, std::uint64_t>{0, query::kNoLimit},
                                 {5, size - 7},
                                 {33, 34},
                                 {size, size + 1},
                                 {7, 7}}) {
    std::uint64_t next = from;
    const auto visit = [&](std::span<const event::RecordView> records) {
      for (const event::RecordView& record : records) {
        EXPECT_EQ(record.seq(), next);
        EXPECT_EQ(record.event, run.reference().log(log).views().at(next).event);
        ++next;
      }
      return true;
    };
    EXPECT_TRUE(run.store().scan_runs(log, from, to, visit).has_value());
    EXPECT_EQ(next, std::min(to, std::max(from, size)));
  }

  int visits = 0;
  EXPECT_TRUE(run.store().scan_runs(log, 0, size, [&](auto) { return ++visits < 1; }).has_value());
  EXPECT_EQ(visits, 1);
}

TEST_P(EventStoreContract, HandsOnTheErrorOfAVisitorOfControlRecords) {
  ContractRun run(GetParam(), 10, {.wild_events = false});
  run.grow(500);
  ASSERT_GT(run.reference().controls().size(), 2U);
  int visited = 0;

  const base::Result<void> read = run.store().for_each_control([&](base::ByteView) {
    ++visited;
    return visited == 2 ? base::Result<void>(
                              base::Error{.kind = base::ErrorKind::Conflict, .message = "enough"})
                        : base::Result<void>();
  });

  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().message, "enough");
  EXPECT_EQ(visited, 2);
}

// ---- Readers beside the indexer.

struct Shared {
  StoreUnderTest& subject;
  EventStore& store;
  event::LogId log;
  const ReferenceLog& expected;  // of all that will have been applied at the end
  std::vector<query::PageRequest> requests;
  std::atomic<std::uint64_t> published{0};  // records of the log in what apply() returned from
  std::atomic<bool> done{false};
};

void read_once(Shared& shared, query::PageRequest request) {
  const std::uint64_t published = shared.published.load();
  const std::uint64_t size = shared.store.size(shared.log);
  ASSERT_GE(size, published) << "a read began after apply had returned";
  if (size == 0) {
    return;
  }
  request.tree_size = size;
  const base::Result<Page> page = shared.store.find(shared.log, request);
  ASSERT_TRUE(page.has_value()) << page.error().message;
  std::vector<std::uint64_t> seqs;
  for (const event::Record& record : page->records) {
    seqs.push_back(record.seq());
  }
  ASSERT_EQ(seqs, shared.expected.find(request).seqs) << query::print(request) << "\n"
                                                      << shared.store.explain(shared.log, request);
  const base::Result<std::uint64_t> count = shared.store.count(shared.log, request.filter, size);
  ASSERT_TRUE(count.has_value()) << count.error().message;
  ASSERT_EQ(*count, shared.expected.matching(request.filter, size).size())
      << query::print(request.filter);
  const base::Result<event::Record> record = shared.store.get(shared.log, size - 1);
  ASSERT_TRUE(record.has_value());
  ASSERT_EQ(record->bytes(), shared.expected.bytes(size - 1));
}

void read_until_done(Shared& shared, std::size_t first) {
  bool last = false;
  for (std::size_t i = first; !failed(); ++i) {
    read_once(shared, shared.requests[i % shared.requests.size()]);
    if (last) {
      return;
    }
    last = shared.done.load();  // and once more with everything applied
  }
}

void apply_all(Shared& shared, const std::vector<Frame>& frames) {
  std::uint64_t published = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::vector<AppliedRecord> records;
    for (const FrameRecord& record : frames[i].records) {
      records.push_back({record.kind, record.log, record.bytes});
      const bool counted = record.kind == AppliedRecord::Kind::Event && record.log == shared.log;
      published += counted ? 1U : 0U;
    }
    const base::Result<void> applied = shared.store.apply({frames[i].lsn, records});
    EXPECT_TRUE(applied.has_value());
    if (i % 25 == 24) {
      EXPECT_TRUE(shared.store.flush().has_value());
    }
    if (i % 40 == 39) {
      shared.subject.compact();
    }
    shared.published = published;
  }
  shared.done = true;
}

TEST_P(EventStoreContract, ReadersSeeWholeBatchesWhileMoreAreApplied) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  const FeistelIdCipher ids(std::string(FeistelIdCipher::kKeyBytes, 'r'));
  World world(seed, {.organisations = 1, .frame_records_max = 20}, ids);
  std::vector<Frame> frames;
  Reference reference;
  for (int i = 0; i < scaled(120); ++i) {
    frames.push_back(world.next_frame());
    reference.add(frames.back());
  }
  const std::unique_ptr<StoreUnderTest> subject = GetParam().make(ids);
  const event::LogId log = world.logs().front();
  Shared shared{.subject = *subject,
                .store = subject->store(),
                .log = log,
                .expected = reference.log(log),
                .requests = {}};
  const std::span views(shared.expected.views());
  const query::VocabularyPointer vocabulary =
      query::vocabulary_of(views.first(std::min<std::size_t>(200, views.size())), 200);
  for (std::uint64_t i = 0; i < 40; ++i) {
    shared.requests.push_back(
        query::arbitrary_page_request(vocabulary)(rc::Random(seed + i), rc::kNominalSize).value());
    shared.requests.back().after_seq.reset();  // may not be there yet
    shared.requests.back().before_seq.reset();
  }

  std::thread first([&] { read_until_done(shared, 0); });
  std::thread second([&] { read_until_done(shared, 20); });
  apply_all(shared, frames);
  first.join();
  second.join();

  EXPECT_EQ(shared.store.size(shared.log), shared.expected.size());
}

}  // namespace
}  // namespace piperoll::store
