#include "event/event_batch.h"

#include "event/event_encoding.h"

namespace piperoll::event {

EncodedEvent add_encoded(base::Bytes& arena, const EventView& event) {
  const std::size_t offset = arena.size();
  append_encoded_event(arena, event);
  return {.offset = offset, .length = arena.size() - offset};
}

}  // namespace piperoll::event
