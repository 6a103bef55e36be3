#pragma once
// EventBatch: the events of one request as the journal takes them, encoded one behind the other in
// one buffer: what is appended travels as bytes from the thread that read it to the disk. A value.

#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "event/event.h"

namespace piperoll::event {

// A valid event in its binary form (event_encoding.h): so many bytes of the arena of its batch.
struct EncodedEvent {
  std::size_t offset = 0, length = 0;
};

// Encodes an event behind what the arena holds; its text must not lie in the arena.
// REQUIRES: a valid event, canonical (event_validate.h).
EncodedEvent add_encoded(base::Bytes& arena, const EventView& event);

struct EventBatch {
  base::Bytes arena;
  std::vector<base::Result<EncodedEvent>> events;  // or why one was refused

  // REQUIRES: a valid event, canonical.
  void add(const EventView& event) { events.emplace_back(add_encoded(arena, event)); }
  void add(const Event& event) { add(view_of(event)); }
  void refuse(base::Error error) { events.emplace_back(std::move(error)); }

  base::ByteView bytes_of(const EncodedEvent& event) const {
    return base::ByteView(arena).substr(event.offset, event.length);
  }
};

}  // namespace piperoll::event
