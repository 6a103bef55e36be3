#pragma once
// Records for tests.

#include "event/event_encoding.h"
#include "event/record.h"

namespace piperoll::store::rocks::testing {

// With an id made by the server where the event has none.
inline event::Record record_of(const event::Event& event, std::uint64_t seq) {
  event::RecordHead head;
  head.seq = seq;
  head.recorded_at = {1'700'000'000'000'000};
  if (event.id.empty()) {
    head.made_id.bytes = {0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00, 0x7a, 0xbc,
                          0x8d, 0xef, 0,    0,    0,    0,    0,    static_cast<std::uint8_t>(seq)};
  }
  base::Bytes bytes;
  event::append_record(bytes, head, event::encode_event(event::view_of(event)));
  return event::Record::decode(bytes).value();
}

}  // namespace piperoll::store::rocks::testing
