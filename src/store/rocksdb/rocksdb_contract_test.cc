// The contract suite over RocksDB: with stops and with crashes between batches; with logs that are
// too small for an index, indexed from their first record on, with more values than get a code, and
// with fields taken for sparse after few values, and flushing after every few records.

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "store/event_store_contract.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store {
namespace {

using rocks::open_rocksdb_store;
using rocks::RocksOptions;
using rocks::testing::TempDirectory;

class RocksUnderTest : public StoreUnderTest {
 public:
  RocksUnderTest(const IdCipher& ids, RocksOptions options)
      : ids_(ids), options_(std::move(options)) {
    options_.directory = directory_.path();
    store_ = open_rocksdb_store(options_, ids_).value();
  }
  EventStore& store() override { return *store_; }
  void restart() override {
    store_.reset();
    store_ = open_rocksdb_store(options_, ids_).value();
  }
  void compact() override {
    const base::Result<void> compacted = rocks::compact_rocksdb_store(*store_);
    EXPECT_TRUE(compacted.has_value()) << compacted.error().message;
  }

 private:
  TempDirectory directory_;
  const IdCipher& ids_;
  RocksOptions options_;
  std::unique_ptr<EventStore> store_;
};

StoreKind kind(std::string name, RocksOptions options) {
  return {.name = std::move(name), .make = [options](const IdCipher& ids) {
            return std::make_unique<RocksUnderTest>(ids, options);
          }};
}

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
                                                             .dictionary_window = 32})),
                         kind_name);

}  // namespace
}  // namespace piperoll::store
