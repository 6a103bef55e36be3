#pragma once
// The reference store: everything in memory, every query answered by query::match over all records.
// Thread-safe as EventStore says. The oracle of the contract tests; also used by unit tests.

#include <memory>

#include "store/event_store.h"

namespace piperoll::store::memory {

// ids outlives the store.
std::unique_ptr<EventStore> make_memory_store(const IdCipher& ids);

}  // namespace piperoll::store::memory
