#pragma once
// What the store holds under an id that a caller chose: the question of contract section 3, whether
// the same id comes with the same content. Thread-safe as the store is.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "event/event.h"
#include "store/event_store.h"

namespace piperoll::ingest {

struct KnownId {
  std::uint64_t seq = 0;
  bool same_content = false;  // as the event at hand
};

// Among the applied records. Nothing: none has this id. encoded_event: what encode_event made.
base::Result<std::optional<KnownId>> find_known_id(store::EventStore& store,
                                                   const event::LogId& log, std::string_view id,
                                                   base::ByteView encoded_event);

// Whatever their ids. Where either side left occurred_at out it is not compared.
bool same_content(event::EventView a, event::EventView b);

}  // namespace piperoll::ingest
