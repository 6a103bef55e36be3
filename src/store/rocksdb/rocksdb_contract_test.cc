// The contract suite over RocksDB, with stops and crashes between batches.

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

// Closed with a flush or without: what a stop and what a crash leave behind.
class RocksUnderTest : public StoreUnderTest {
 public:
  RocksUnderTest(const IdCipher& ids, bool flush_at_close) : ids_(ids) {
    options_.directory = directory_.path();
    options_.flush_at_close = flush_at_close;
    store_ = open_rocksdb_store(options_, ids_).value();
  }
  EventStore& store() override { return *store_; }
  void restart() override {
    store_.reset();
    store_ = open_rocksdb_store(options_, ids_).value();
  }

 private:
  TempDirectory directory_;
  const IdCipher& ids_;
  RocksOptions options_;
  std::unique_ptr<EventStore> store_;
};

StoreKind kind(std::string name, bool flush_at_close) {
  return {.name = std::move(name), .make = [flush_at_close](const IdCipher& ids) {
            return std::make_unique<RocksUnderTest>(ids, flush_at_close);
          }};
}

INSTANTIATE_TEST_SUITE_P(RocksDb, EventStoreContract,
                         ::testing::Values(kind("Crashing", false), kind("Closing", true)),
                         kind_name);

}  // namespace
}  // namespace piperoll::store
