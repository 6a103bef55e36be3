#pragma once
// SeedKeys: what the seeds of new records follow from. Records of a log that stand side by side and
// become durable together share a random key (ADR 87). One thread at a time.

#include <cstdint>

#include "base/bytes.h"
#include "event/record.h"

namespace piperoll::ingest {

class SeedKeys {
 public:
  // Of the next record of the group.
  event::SeedSource of(const event::LogId& log, std::uint64_t seq);
  // A new group: a seq of the last one may come again, with other content.
  void begin_group() { has_key_ = false; }

 private:
  void draw();

  event::SeedSource current_{.is_key = true};
  event::LogId log_;
  std::uint64_t run_ = 0;
  bool has_key_ = false;  // current_, of run_ of log_
  base::Bytes random_;    // used up from the front
  std::size_t used_ = 0;
};

}  // namespace piperoll::ingest
