#include "ingest/known_id.h"

#include "event/event_encoding.h"

namespace piperoll::ingest {

base::Result<std::optional<KnownId>> find_known_id(store::EventStore& store,
                                                   const event::LogId& log, std::string_view id,
                                                   base::ByteView encoded_event) {
  ASSIGN_OR_RETURN(const std::optional<event::Record> record, store.get_applied_by_id(log, id));
  if (!record.has_value()) {
    return std::optional<KnownId>();
  }
  ASSIGN_OR_RETURN(const event::EventView event, event::decode_event(encoded_event));
  return std::optional(KnownId{record->seq(), same_content(record->event(), event)});
}

bool same_content(event::EventView a, event::EventView b) {
  a.id = b.id = {};
  if (!a.occurred_at || !b.occurred_at) {
    a.occurred_at = b.occurred_at = std::nullopt;
  }
  return a == b;
}

}  // namespace piperoll::ingest
