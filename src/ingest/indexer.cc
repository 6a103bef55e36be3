#include "ingest/indexer.h"

#include <algorithm>
#include <chrono>
#include <unordered_set>
#include <utility>

#include "base/diagnostics.h"
#include "base/thread.h"
#include "ingest/frame.h"

namespace piperoll::ingest {

using base::MutexLock;
using std::chrono::microseconds;

Indexer::Indexer(store::EventStore& store, IndexerOptions options)
    : store_(store),
      options_(std::move(options)),
      pushed_(store.applied_lsn()),
      applied_(store.applied_lsn()),
      shows_unapplied_(store.show_unapplied(this)) {
  for (int i = 0; i < options_.hash_threads; ++i) {
    hashing_.emplace_back([this] {
      base::name_this_thread("hasher");
      base::lower_this_threads_priority();
      run_hashing();
    });
  }
  thread_ = std::thread([this] {
    base::name_this_thread("indexer");
    base::lower_this_threads_priority();
    run();
  });
}

Indexer::~Indexer() {
  stop();
  store_.show_unapplied(nullptr);
}

void Indexer::push(DurableFrame frame) {
  if (put_in_queue(std::move(frame))) {
    pushed_some_.notify_one();
  }
}

// True: somebody may be waiting for it, who has no deadline or has now enough.
bool Indexer::put_in_queue(DurableFrame&& frame) {
  MutexLock lock(mutex_);
  while (!stopping_ && !failed_ && is_lag_full()) {
    applied_some_.wait(mutex_);
  }
  pushed_ = frame.lsn;
  lag_records_ += frame.records;
  lag_bytes_ += frame.payload.size();
  unprepared_records_ += frame.records;
  auto prepared = std::make_shared<Prepared>();
  prepared->frame = std::move(frame);
  queue_.push_back(std::move(prepared));
  if (waiting_readers_ > 0) {
    applied_some_.notify_all();  // some may wait for this one to be pushed
  }
  return taken_ + 1 == queue_.size() || unprepared_records_ >= kHashRecords || waiting_readers_ > 0;
}

std::size_t Indexer::lag_records() const {
  MutexLock lock(mutex_);
  return lag_records_;
}

base::Result<void> Indexer::applying() const {
  if (!failed()) {
    return {};
  }
  MutexLock lock(mutex_);
  return failure_;
}

base::Result<void> Indexer::wait_applied(store::Lsn lsn, std::int64_t timeout_micros) {
  return wait(applied_, lsn, timeout_micros);
}

base::Result<void> Indexer::wait_readable(store::Lsn lsn, std::int64_t timeout_micros) {
  return wait(shows_unapplied_ ? pushed_ : applied_, lsn, timeout_micros);
}

base::Result<void> Indexer::wait(const std::atomic<store::Lsn>& reached, store::Lsn lsn,
                                 std::int64_t timeout_micros) {
  const auto is_there = [&] { return applied_ >= lsn || (reached >= lsn && !failed_); };
  if (is_there()) {
    return {};
  }
  const std::int64_t deadline = clock_.monotonic_micros() + timeout_micros;
  MutexLock lock(mutex_);
  ++waiting_readers_;
  pushed_some_.notify_all();  // a batch may be gathering
  prepared_.notify_one();
  base::Result<void> result;
  while (!is_there()) {
    const std::int64_t left = deadline - clock_.monotonic_micros();
    if (failed_) {
      result = base::Error{.kind = base::ErrorKind::Unavailable,
                           .message = "the index failed; restart the server",
                           .code = "index_failed"};
      break;
    }
    if (left <= 0) {
      result = base::Error{.kind = base::ErrorKind::ResourceExhausted,
                           .message = "newest events are not applied yet; try again",
                           .code = "timeout"};
      break;
    }
    applied_some_.wait_for(mutex_, microseconds(left));
  }
  --waiting_readers_;
  return result;
}

store::Unapplied Indexer::of(const event::LogId& log) const {
  std::vector<PreparedPointer> frames;
  {
    MutexLock lock(mutex_);
    frames = applying_;
    frames.insert(frames.end(), queue_.begin(), queue_.end());
  }
  store::Unapplied unapplied;
  for (const PreparedPointer& frame : frames) {
    if (const store::UnappliedRun* const run = frame->runs.of(frame->frame.payload, log)) {
      unapplied.runs.emplace_back(frame, run);  // a run as long as its frame
    }
  }
  return unapplied;
}

void Indexer::index_if_wanted() {
  if (!store_.wants_index()) {
    return;
  }
  { MutexLock lock(mutex_); }  // it looks under the lock before it sleeps
  prepared_.notify_one();
}

void Indexer::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    pushed_some_.notify_all();
    prepared_.notify_one();
    applied_some_.notify_all();
  }
  for (std::thread& thread : hashing_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

// The next frames nobody has taken, once there are enough of them, or they wait long enough.
Indexer::Batch Indexer::take_unprepared() {
  Batch batch;
  MutexLock lock(mutex_);
  while (taken_ == queue_.size() && !stopping_) {
    pushed_some_.wait(mutex_);
  }
  const std::int64_t deadline = clock_.monotonic_micros() + kHashAgeMicros;
  while (!is_hashing_due()) {
    const std::int64_t left = deadline - clock_.monotonic_micros();
    if (left <= 0) {
      break;
    }
    pushed_some_.wait_for(mutex_, microseconds(left));
  }
  std::size_t records = 0;
  while (taken_ < queue_.size() && records < kHashRecords) {
    batch.push_back(queue_[taken_++]);
    records += batch.back()->frame.records;
  }
  unprepared_records_ -= records;
  return batch;
}

void Indexer::run_hashing() {
  std::optional<LeafHasher> hasher;
  if (options_.server_name.has_value()) {
    hasher.emplace(*options_.server_name);
  }
  for (;;) {
    const Batch batch = take_unprepared();
    if (batch.empty()) {
      MutexLock lock(mutex_);
      if (stopping_ && taken_ == queue_.size()) {
        return;
      }
      continue;  // another thread took what there was
    }
    prepare(batch, hasher ? &*hasher : nullptr);
    if (mark_ready(batch)) {
      prepared_.notify_one();
    }
  }
}

// True: the batch that is gathering may be large enough, or can begin.
bool Indexer::mark_ready(const Batch& batch) {
  MutexLock lock(mutex_);
  for (const PreparedPointer& prepared : batch) {
    prepared->ready = true;
    ready_records_ += prepared->frame.records;
  }
  return batch.front() == queue_.front() || is_batch_due();
}

bool Indexer::is_hashing_due() const {
  return waiting_readers_ > 0 || stopping_ || unprepared_records_ >= kHashRecords;
}

// REQUIRES: queue_ is not empty
bool Indexer::is_batch_due() const {
  return waiting_readers_ > 0 || stopping_ || ready_records_ >= kBatchRecordsMax || is_lag_full();
}

bool Indexer::is_lag_full() const {
  return lag_records_ >= options_.lag_records_max || lag_bytes_ >= options_.lag_bytes_max;
}

// Reads the frames and hashes the leaves of all of them together.
void Indexer::prepare(const Batch& batch, LeafHasher* hasher) {
  std::vector<store::AppliedRecord> records;
  for (const PreparedPointer& prepared : batch) {
    prepared->read = read_frame(prepared->frame.payload, prepared->records);
    if (!prepared->read) {
      return;  // and nothing after it will be applied
    }
    records.insert(records.end(), prepared->records.begin(), prepared->records.end());
  }
  if (hasher == nullptr) {
    return;
  }
  std::vector<tlog::Hash> leaves(records.size());
  if (auto hashed = hasher->hash(records, leaves); !hashed) {
    batch.front()->read = std::move(hashed);
    return;
  }
  auto next = leaves.begin();
  for (const PreparedPointer& prepared : batch) {
    const auto end = next + static_cast<std::ptrdiff_t>(prepared->records.size());
    prepared->leaves.assign(next, end);
    for (std::size_t i = 0; i < prepared->records.size(); ++i) {
      prepared->records[i].leaf = &prepared->leaves[i];
    }
    next = end;
  }
}

// Waits for a batch worth applying: full, old enough, or wanted by a reader. An empty one where
// there is none and the indexer stops, or readers want what is there to be indexed.
Indexer::Batch Indexer::take_batch() {
  Batch batch;
  std::size_t records = 0;
  MutexLock lock(mutex_);
  while ((queue_.empty() && !stopping_ && !store_.wants_index()) ||
         (!queue_.empty() && !queue_.front()->ready)) {
    prepared_.wait(mutex_);
  }
  if (queue_.empty()) {
    return batch;
  }
  const std::int64_t deadline = clock_.monotonic_micros() + options_.batch_age_micros;
  while (!is_batch_due()) {
    const std::int64_t left = deadline - clock_.monotonic_micros();
    if (left <= 0) {
      break;
    }
    prepared_.wait_for(mutex_, microseconds(left));
  }
  while (!queue_.empty() && queue_.front()->ready &&
         (batch.empty() || records + queue_.front()->frame.records <= kBatchRecordsMax)) {
    records += queue_.front()->frame.records;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
    --taken_;
  }
  ready_records_ -= records;
  applying_ = batch;
  return batch;
}

base::Result<void> Indexer::apply(const Batch& batch) {
  std::vector<store::AppliedRecord> records;
  for (const PreparedPointer& prepared : batch) {
    RETURN_IF_ERROR(prepared->read);
    records.insert(records.end(), prepared->records.begin(), prepared->records.end());
  }
  RETURN_IF_ERROR(store_.apply({.lsn = batch.back()->frame.lsn, .records = records}));
  if (options_.applied) {
    announce(records);
  }
  return {};
}

void Indexer::announce(const std::vector<store::AppliedRecord>& records) {
  std::unordered_set<event::LogId, event::LogIdHash> logs;
  const event::LogId* last = nullptr;
  for (const store::AppliedRecord& record : records) {
    if (record.kind == store::AppliedRecord::Kind::Event &&
        (last == nullptr || *last != record.log)) {
      logs.insert(record.log);
      last = &record.log;
    }
  }
  options_.applied(std::vector<event::LogId>(logs.begin(), logs.end()));
}

void Indexer::release_if_due(bool now) {
  const std::int64_t time = clock_.monotonic_micros();
  if (options_.release && (now || time - released_at_micros_ >= kReleaseIntervalMicros)) {
    released_at_micros_ = time;
    options_.release(store_.persisted_lsn());
  }
}

void Indexer::settle(const Batch& batch, const base::Result<void>& result) {
  if (!result) {
    base::error("applying to the store failed; reads of newer events are refused until restart",
                {{"reason", result.error().message}, {"detail", result.error().detail}});
  }
  MutexLock lock(mutex_);
  for (const PreparedPointer& prepared : batch) {
    lag_records_ -= prepared->frame.records;
    lag_bytes_ -= prepared->frame.payload.size();
  }
  if (!result) {
    failure_ = result;
    failed_ = true;
  } else if (!batch.empty()) {
    applying_.clear();
    applied_.store(batch.back()->frame.lsn, std::memory_order_release);
  }
  applied_some_.notify_all();
}

void Indexer::run() {
  for (;;) {
    const Batch batch = take_batch();
    base::Result<void> result;
    if (!batch.empty()) {
      result = apply(batch);
      settle(batch, result);
    } else if (!store_.wants_index()) {
      break;  // stopping, and nothing is left
    }
    if (result && store_.wants_index()) {
      result = store_.index_newest();
      settle({}, result);
    }
    if (!result) {
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
