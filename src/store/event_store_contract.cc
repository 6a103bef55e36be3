#include "store/event_store_contract.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "store/testing/contract_run.h"

namespace piperoll::store {
namespace {

using testing::announced_seed;
using testing::ContractRun;
using testing::scaled;
using testing::WorldOptions;

bool failed() {
  return ::testing::Test::HasFailure();
}

std::string seed_note(std::uint64_t seed) {
  return "PIPEROLL_PROPERTY_SEED=" + std::to_string(seed);
}

// Grows by random steps, with flushes and restarts between them, and asks at every step.
void live(ContractRun& run, int steps, std::uint64_t step_records, int questions) {
  for (int step = 0; step < steps && !failed(); ++step) {
    run.grow(1 + run.below(step_records));
    if (run.below(4) == 0) {
      run.flush();
    }
    if (run.below(4) == 0) {
      run.restart();
    }
    run.check(questions);
  }
}

TEST_P(EventStoreContract, AnEmptyStoreHasNothing) {
  ContractRun run(GetParam(), 1, {});
  const event::LogId log = run.first_log();

  EXPECT_EQ(run.store().applied_lsn(), 0U);
  EXPECT_EQ(run.store().size(log), 0U);
  EXPECT_EQ(run.store().newest_recorded_at(log), std::nullopt);
  EXPECT_TRUE(run.store().logs().empty());
  EXPECT_EQ(run.store().count(log, query::all(), std::nullopt).value(), 0U);
  EXPECT_TRUE(
      run.store().facets(log, query::all(), {event::Field::Action, {}}, 10)->values.empty());
  EXPECT_TRUE(run.store().histogram(log, query::all(), Interval::Day)->empty());
  EXPECT_EQ(run.store().get(log, 0).error().kind, base::ErrorKind::NotFound);
  EXPECT_FALSE(run.store().get_by_id(log, "x")->has_value());
  EXPECT_FALSE(run.store().find_id(log, "x")->has_value());
  run.check_find(log, {});
  run.check_whole();
  run.restart();
  run.check_whole();
}

TEST_P(EventStoreContract, AnswersAsTheReferenceDoes) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  for (int round = 0; round < scaled(4) && !failed(); ++round) {
    ContractRun run(GetParam(), seed + static_cast<std::uint64_t>(round), {});
    live(run, 8, 500, 60);
  }
}

TEST_P(EventStoreContract, AnswersAfterEverySingleFrame) {
  const std::uint64_t seed = announced_seed();
  SCOPED_TRACE(seed_note(seed));
  ContractRun run(GetParam(), seed, {.organisations = 1, .frame_records_max = 3, .variety = 10});
  for (int i = 0; i < scaled(150) && !failed(); ++i) {
    run.grow_by_frame();
    run.check(3);
  }
}

}  // namespace
}  // namespace piperoll::store
