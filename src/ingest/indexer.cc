#include "ingest/indexer.h"

#include <algorithm>
#include <chrono>

#include <pthread.h>

#include "base/diagnostics.h"
#include "ingest/frame.h"

namespace piperoll::ingest {

using base::MutexLock;
using std::chrono::microseconds;

Indexer::Indexer(store::EventStore& store, IndexerOptions options)
    : store_(store), options_(std::move(options)), applied_(store.applied_lsn()) {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "indexer");
    run();
  });
}

Indexer::~Indexer() {
  stop();
}

void Indexer::push(DurableFrame frame) {
  MutexLock lock(mutex_);
  while (!stopping_ && !failed_ &&
         (lag_records_ >= options_.lag_records_max || lag_bytes_ >= options_.lag_bytes_max)) {
    applied_some_.wait(mutex_);
  }
  lag_records_ += frame.records;
  lag_bytes_ += frame.payload.size();
  queue_.push_back(std::move(frame));
  pushed_.notify_one();
}

std::size_t Indexer::lag_records() const {
  MutexLock lock(mutex_);
  return lag_records_;
}

base::Result<void> Indexer::wait_applied(store::Lsn lsn, std::int64_t timeout_micros) {
  if (applied_lsn() >= lsn) {
    return {};
  }
  const std::int64_t deadline = clock_.monotonic_micros() + timeout_micros;
  MutexLock lock(mutex_);
  ++waiting_readers_;
  pushed_.notify_one();  // the indexer may be letting a batch gather
  base::Result<void> result;
  while (applied_lsn() < lsn) {
    const std::int64_t left = deadline - clock_.monotonic_micros();
    if (failed_) {
      result = base::Error{.kind = base::ErrorKind::Unavailable,
                           .message = "the index failed; restart the server",
                           .code = "index_failed"};
      break;
    }
    if (left <= 0) {
      result = base::Error{.kind = base::ErrorKind::ResourceExhausted,
                           .message = "newest events are not searchable yet; try again",
                           .code = "timeout"};
      break;
    }
    applied_some_.wait_for(mutex_, microseconds(left));
  }
  --waiting_readers_;
  return result;
}

void Indexer::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    pushed_.notify_one();
    applied_some_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

// Waits for a batch worth applying: full, old enough, or wanted by a reader.
std::vector<DurableFrame> Indexer::take_batch() {
  std::vector<DurableFrame> batch;
  std::size_t records = 0;
  MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) {
    pushed_.wait(mutex_);
  }
  const std::int64_t deadline = clock_.monotonic_micros() + options_.batch_age_micros;
  while (waiting_readers_ == 0 && !stopping_ && lag_records_ < kBatchRecordsMax &&
         lag_bytes_ < options_.lag_bytes_max) {
    const std::int64_t left = deadline - clock_.monotonic_micros();
    if (left <= 0) {
      break;
    }
    pushed_.wait_for(mutex_, microseconds(left));
  }
  const std::size_t most =
      waiting_readers_ == 0 ? kBatchRecordsMax : kBatchRecordsMaxWhileReaderWaits;
  while (!queue_.empty() && (batch.empty() || records + queue_.front().records <= most)) {
    records += queue_.front().records;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

bool Indexer::apply(const std::vector<DurableFrame>& frames) {
  std::vector<store::AppliedRecord> records;
  base::Result<void> result;
  for (const DurableFrame& frame : frames) {
    result = read_frame(frame.payload, records);
    if (!result) {
      break;
    }
  }
  if (result) {
    result = store_.apply({.lsn = frames.back().lsn, .records = records});
  }
  if (!result) {
    base::error("applying to the store failed; reads of newer events are refused until restart",
                {{"reason", result.error().message}, {"detail", result.error().detail}});
    return false;
  }
  return true;
}

void Indexer::release_if_due(bool now) {
  const std::int64_t time = clock_.monotonic_micros();
  if (options_.release && (now || time - released_at_micros_ >= kReleaseIntervalMicros)) {
    released_at_micros_ = time;
    options_.release(store_.persisted_lsn());
  }
}

void Indexer::run() {
  for (;;) {
    std::vector<DurableFrame> batch = take_batch();
    if (batch.empty()) {
      break;  // stopping, and nothing is left
    }
    const bool good = apply(batch);
    std::size_t records = 0;
    std::size_t bytes = 0;
    for (const DurableFrame& frame : batch) {
      records += frame.records;
      bytes += frame.payload.size();
    }
    {
      MutexLock lock(mutex_);
      lag_records_ -= records;
      lag_bytes_ -= bytes;
      if (good) {
        applied_.store(batch.back().lsn, std::memory_order_release);
      } else {
        failed_ = true;
      }
      applied_some_.notify_all();
    }
    if (!good) {
      return;
    }
    release_if_due(false);
  }
  if (auto flushed = store_.flush(); !flushed) {
    base::warning("flushing the store at the end failed; the journal keeps what it lacks",
                  {{"reason", flushed.error().message}});
    return;
  }
  release_if_due(true);
}

}  // namespace piperoll::ingest
