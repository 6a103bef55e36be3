#pragma once
// NewestReads: how many records queries have read of each log because its index does not hold them
// yet. Reading the newest again and again costs more in the end than putting them into the index:
// where it has cost as much, that is due (docs/adr/0077-who-reads-the-newest.md). Thread-safe.

#include <atomic>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "event/record.h"

namespace piperoll::store::rocks {

class NewestReads {
 public:
  // Due from so many records on.
  explicit NewestReads(std::uint64_t rows_max) : rows_max_(rows_max) {}

  // A query has read so many records behind the index of the log, which then ended at `indexed`.
  void add(const event::LogId& log, std::uint64_t indexed, std::uint64_t rows);
  bool any_due() const { return any_due_.load(std::memory_order_acquire); }
  // The logs whose newest records are to be put into the index, each once; from now on they count
  // from zero.
  std::vector<event::LogId> take_due();

 private:
  struct Count {
    std::uint64_t indexed = 0, rows = 0;
  };
  const std::uint64_t rows_max_;
  base::Mutex mutex_;
  std::unordered_map<event::LogId, Count, event::LogIdHash> counts_ GUARDED_BY(mutex_);
  std::set<event::LogId> due_ GUARDED_BY(mutex_);
  std::atomic<bool> any_due_ = false;
};

}  // namespace piperoll::store::rocks
