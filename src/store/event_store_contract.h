#pragma once
// The contract suite: what event_store.h promises, tried on random journals against a plain
// evaluation by query::match. Every store runs it:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, EventStoreContract, testing::Values(StoreKind{...}),
//   kind_name);
//
// and links piperoll_store_contract. Environment:
//   PIPEROLL_PROPERTY_SEED   repeats a run; each test prints the seed it used
//   PIPEROLL_PROPERTY_SCALE  multiplies the number of rounds (default 1; 10 for a long night)

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "store/event_store.h"

namespace piperoll::store {

// A store and what the suite may do to it.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  // Valid until restart() or the end.
  virtual EventStore& store() = 0;
  // Drops the store without another word, as a crash would, and opens it again: what was not
  // persistent may be gone.
  virtual void restart() = 0;
  // Makes it do at once what it does beside its work, such as joining its files.
  virtual void compact() {}
};

struct StoreKind {
  std::string name;
  // A new, empty store. ids outlives it.
  std::function<std::unique_ptr<StoreUnderTest>(const IdCipher& ids)> make;
  bool durable = true;  // what was flushed is there after restart()
};

inline void PrintTo(const StoreKind& kind, std::ostream* out) {
  *out << kind.name;
}
inline std::string kind_name(const testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

class EventStoreContract : public testing::TestWithParam<StoreKind> {};

}  // namespace piperoll::store
