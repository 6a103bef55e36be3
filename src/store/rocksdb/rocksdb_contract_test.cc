// The contract suite over RocksDB: with stops and with crashes between batches; with logs that are
// too small for an index, indexed from their first record on, with more values than get a code,
// with fields taken for sparse after few values, flushing after every few records, and with batches
// that wait to be applied.

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "store/event_store_contract.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/testing/held_back_store.h"
#include "store/rocksdb/testing/store_fixture.h"
#include "store/testing/contract_run.h"

namespace piperoll::store {
namespace {

using rocks::open_rocksdb_store;
using rocks::RocksOptions;
using rocks::testing::HeldBackStore;
using rocks::testing::TempDirectory;

class RocksUnderTest : public StoreUnderTest {
 public:
  // So many batches wait at most; 0: each is applied as it comes.
  RocksUnderTest(const IdCipher& ids, RocksOptions options, std::size_t waiting_max)
      : ids_(ids), options_(std::move(options)), waiting_max_(waiting_max) {
    options_.directory = directory_.path();
    open();
  }
  EventStore& store() override { return *store_; }
  void restart() override {
    inner();  // what waits is in the journal of an indexer, and applied after a restart
    store_.reset();
    open();
  }
  void compact() override {
    const base::Result<void> compacted = rocks::compact_rocksdb_store(inner());
    EXPECT_TRUE(compacted.has_value()) << compacted.error().message;
  }

 private:
  void open() {
    store_ = open_rocksdb_store(options_, ids_).value();
    if (waiting_max_ > 0) {
      store_ = std::make_unique<HeldBackStore>(std::move(store_), waiting_max_);
    }
  }
  // With nothing waiting any more.
  EventStore& inner() {
    return waiting_max_ > 0 ? dynamic_cast<HeldBackStore&>(*store_).inner() : *store_;
  }

  TempDirectory directory_;
  const IdCipher& ids_;
  RocksOptions options_;
  std::size_t waiting_max_;
  std::unique_ptr<EventStore> store_;
};

StoreKind kind(std::string name, RocksOptions options, std::size_t waiting_max = 0) {
  return {.name = std::move(name), .make = [options, waiting_max](const IdCipher& ids) {
            return std::make_unique<RocksUnderTest>(ids, options, waiting_max);
          }};
}

constexpr std::size_t kWaitingMax = 3;

// What the suite asks before it makes the batches give way.
class WaitingRecords : public ::testing::TestWithParam<StoreKind> {};

TEST_P(WaitingRecords, AreReadAsIfTheyWereApplied) {
  const std::uint64_t seed = testing::announced_seed();
  testing::ContractRun run(GetParam(), seed, {});
  for (int round = 0; round < testing::scaled(12); ++round) {
    run.grow(round % 4 == 0 ? 1200 : 1 + run.below(200));
    for (int question = 0; question < 12; ++question) {
      const event::LogId log = run.some_log();
      run.check_find(log);
      run.check_count(log);
      run.check_facets(log);
      run.check_histogram(log);
      run.check_scan(log);
      run.check_record(log);
    }
    if (round % 3 == 2) {
      run.check_whole();
      run.check_ids(run.some_log());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(RocksDb, WaitingRecords,
                         ::testing::Values(kind("Indexed", {.indexed_from = 1}, kWaitingMax),
                                           kind("PartlyIndexed", {.indexed_from = 300},
                                                kWaitingMax),
                                           kind("InRows", {}, kWaitingMax)),
                         kind_name);

INSTANTIATE_TEST_SUITE_P(RocksDb, EventStoreContract,
                         ::testing::Values(kind("Crashing", {.flush_at_close = false}),
                                           kind("Closing",
                                                {.indexed_from = 1, .dictionary_window = 16}),
                                           kind("FewCodes", {.flush_at_close = false,
                                                             .indexed_from = 40,
                                                             .field_values_max = 7,
                                                             .dictionary_window = 16}),
                                           kind("Sparse", {.flush_at_close = false,
                                                           .indexed_from = 15,
                                                           .sparse_values_min = 8,
                                                           .sparse_values_max = 20}),
                                           kind("Flushing", {.block_cache_bytes = 64 << 10,
                                                             .write_buffer_bytes = 256 << 10,
                                                             .indexed_from = 100,
                                                             .field_values_max = 60,
                                                             .dictionary_window = 32}),
                                           kind("Waiting", {.indexed_from = 30}, kWaitingMax)),
                         kind_name);

}  // namespace
}  // namespace piperoll::store
