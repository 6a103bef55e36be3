#pragma once
// Frames of records for tests: as a committer would write them, of any log. One thread at a time.

#include <map>
#include <string>
#include <vector>

#include "base/check.h"
#include "event/event_encoding.h"
#include "ingest/frame.h"
#include "ingest/indexer.h"

namespace piperoll::ingest::testing {

inline constexpr std::string_view kServerName = "audit.example";

inline event::LogId log_of(std::uint8_t number, event::LogKind kind = event::LogKind::Events) {
  event::LogId log{.kind = kind};
  log.org.bytes[15] = number;
  return log;
}

class LogFrames {
 public:
  DurableFrame next(const event::LogId& log, std::size_t records) {
    DurableFrame frame{.lsn = ++lsn_, .records = records};
    begin_frame(frame.payload);
    for (std::size_t i = 0; i < records; ++i) {
      std::uint64_t& seq = sizes_[log];
      event::RecordHead head{.seq = seq, .recorded_at = {1'700'000'000'000'000}};
      head.seed.bytes[0] = static_cast<std::uint8_t>(seq);
      event::Event event = event::make_event("test.action");
      event.id = "id-" + std::to_string(seq++);
      add_event(frame.payload, log, head, event::encode_event(event::view_of(event)));
    }
    return frame;
  }

 private:
  std::map<event::LogId, std::uint64_t> sizes_;
  store::Lsn lsn_ = 0;
};

// Applies a frame without an indexer, with leaves or without.
inline void apply_frame(store::EventStore& store, const DurableFrame& frame, bool with_leaves) {
  std::vector<store::AppliedRecord> records;
  CHECK(read_frame(frame.payload, records).has_value());
  std::vector<tlog::Hash> leaves(records.size());
  CHECK(LeafHasher(kServerName).hash(records, leaves).has_value());
  for (std::size_t i = 0; i < records.size() && with_leaves; ++i) {
    records[i].leaf = &leaves[i];
  }
  CHECK(store.apply({.lsn = frame.lsn, .records = records}).has_value());
}

}  // namespace piperoll::ingest::testing
