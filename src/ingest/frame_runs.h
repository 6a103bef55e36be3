#pragma once
// FrameRuns: the records of a durable frame by log, for those who read them before they are
// applied.

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "event/record.h"
#include "store/event_store.h"
#include "store/unapplied.h"

namespace piperoll::ingest {

// Thread-safe. Read when somebody asks for the first time: most frames nobody asks for.
class FrameRuns {
 public:
  // payload: of the frame, always the same, and outlives this. null: it has no record of the log,
  // or is no frame.
  const store::UnappliedRun* of(base::ByteView payload, const event::LogId& log)
      EXCLUDES_LOCK(mutex_);

 private:
  base::Mutex mutex_;
  bool read_ GUARDED_BY(mutex_) = false;
  std::vector<store::AppliedRecord> records_ GUARDED_BY(mutex_);
  std::unordered_map<event::LogId, std::unique_ptr<store::UnappliedRun>, event::LogIdHash> runs_
      GUARDED_BY(mutex_);
};

}  // namespace piperoll::ingest
