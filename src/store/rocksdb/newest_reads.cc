#include "store/rocksdb/newest_reads.h"

#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

void NewestReads::add(const event::LogId& log, std::uint64_t indexed, std::uint64_t rows) {
  if (rows == 0) {
    return;
  }
  base::MutexLock lock(mutex_);
  if (counts_.size() >= kNewestReadsLogsMax && !counts_.contains(log)) {
    counts_.clear();  // the logs that are read often are soon back
  }
  Count& count = counts_[log];
  if (count.indexed != indexed) {
    count = {.indexed = indexed};  // other records than those that were counted
  }
  count.rows += rows;
  if (count.rows >= rows_max_) {
    due_.insert(log);
    any_due_.store(true, std::memory_order_release);
  }
}

std::vector<event::LogId> NewestReads::take_due() {
  base::MutexLock lock(mutex_);
  for (const event::LogId& log : due_) {
    counts_.erase(log);
  }
  any_due_.store(false, std::memory_order_release);
  std::vector<event::LogId> logs(due_.begin(), due_.end());
  due_.clear();
  return logs;
}

}  // namespace piperoll::store::rocks
