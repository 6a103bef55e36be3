#pragma once
// Records out of events, for tests.

#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "event/event.h"
#include "event/event_encoding.h"
#include "event/record.h"

namespace piperoll::query::testing {

inline constexpr std::int64_t kRecordedAt = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z

// recorded_at is kRecordedAt + seq microseconds; an empty id becomes "id-<seq>".
inline event::Record record_of(event::Event event, std::uint64_t seq = 0) {
  if (event.id.empty()) {
    event.id = "id-" + std::to_string(seq);
  }
  event::RecordHead head;
  head.seq = seq;
  head.recorded_at = {kRecordedAt + static_cast<std::int64_t>(seq)};
  base::Bytes bytes;
  event::append_record(bytes, head, event::encode_event(event::view_of(event)));
  base::Result<event::Record> record = event::Record::decode(bytes);
  CHECK(record.has_value());
  return *std::move(record);
}

}  // namespace piperoll::query::testing
