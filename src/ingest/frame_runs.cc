#include "ingest/frame_runs.h"

#include <utility>

#include "ingest/frame.h"

namespace piperoll::ingest {

const store::UnappliedRun* FrameRuns::of(base::ByteView payload, const event::LogId& log) {
  base::MutexLock lock(mutex_);
  if (!std::exchange(read_, true) && !read_frame(payload, records_)) {
    records_.clear();  // the indexer finds that out too, and tells who waits
  }
  const auto [found, is_new] = runs_.try_emplace(log);
  if (is_new) {
    std::vector<base::ByteView> records;
    for (const store::AppliedRecord& record : records_) {
      if (record.kind == store::AppliedRecord::Kind::Event && record.log == log) {
        records.push_back(record.bytes);
      }
    }
    if (!records.empty()) {
      found->second = std::make_unique<store::UnappliedRun>(std::move(records));
    }
  }
  return found->second.get();
}

}  // namespace piperoll::ingest
