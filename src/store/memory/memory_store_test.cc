#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include "store/event_store_contract.h"

namespace piperoll::store::memory {
namespace {

// After a restart there is nothing; everything comes again from the journal.
class MemoryStoreUnderTest : public StoreUnderTest {
 public:
  explicit MemoryStoreUnderTest(const IdCipher& ids) : ids_(ids), store_(make_memory_store(ids)) {}
  EventStore& store() override { return *store_; }
  void restart() override { store_ = make_memory_store(ids_); }

 private:
  const IdCipher& ids_;
  std::unique_ptr<EventStore> store_;
};

const StoreKind kMemory = {
    .name = "Memory",
    .make = [](const IdCipher& ids) { return std::make_unique<MemoryStoreUnderTest>(ids); },
    .durable = false};

}  // namespace
}  // namespace piperoll::store::memory

namespace piperoll::store {

INSTANTIATE_TEST_SUITE_P(Stores, EventStoreContract, testing::Values(memory::kMemory), kind_name);

}  // namespace piperoll::store
