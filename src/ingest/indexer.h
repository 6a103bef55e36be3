#pragma once
// Indexer: takes durable frames in order and applies them to the store in wide batches, at once
// when somebody waits for that. Reads see the records of frames that are not applied yet, if the
// store can show them. Threads of its own, which give way to those that answer: one applies; before
// it some read the frames and hash the leaves of their records. Everything public is thread-safe.

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "ingest/frame_runs.h"
#include "ingest/ingest_limits.h"
#include "ingest/leaf_hasher.h"
#include "store/event_store.h"

namespace piperoll::ingest {

struct DurableFrame {
  store::Lsn lsn = 0;
  base::Bytes payload;  // ingest/frame.h
  std::size_t records = 0;
};

struct IndexerOptions {
  std::size_t lag_records_max = kLagRecordsMax;
  std::size_t lag_bytes_max = kLagBytesMax;
  std::int64_t batch_age_micros = kBatchAgeMicros;
  // Called now and then, on the indexer's thread, with what the store would keep without power.
  std::function<void(store::Lsn)> release = {};
  // First part of the origins of logs (evidence/origin.h). Nothing: records get no leaves.
  std::optional<std::string> server_name = {};
  int hash_threads = 1;  // at least one
  // Called on the indexer's thread with the logs of what was just applied.
  std::function<void(std::span<const event::LogId>)> applied = {};
};

class Indexer : private store::UnappliedRecords {
 public:
  // store outlives the indexer, which is the only one to apply to it.
  Indexer(store::EventStore& store, IndexerOptions options);
  // stop()s. REQUIRES: nobody reads from the store
  ~Indexer() override;
  Indexer(const Indexer&) = delete;
  Indexer& operator=(const Indexer&) = delete;

  // In the order of lsn. Blocks while the lag is at its bound (back-pressure on the committer).
  void push(DurableFrame frame);

  // Returns once everything up to lsn is applied. ResourceExhausted (code "timeout") after
  // timeout_micros; Unavailable (code "index_failed") when applying has failed for good.
  base::Result<void> wait_applied(store::Lsn lsn, std::int64_t timeout_micros);

  // Returns once reads that begin then see everything up to lsn, applied or not. Errors as of
  // wait_applied().
  base::Result<void> wait_readable(store::Lsn lsn, std::int64_t timeout_micros);

  // Wakes the indexer if readers want something put into the index (EventStore::wants_index).
  // For those who read; returns at once.
  void index_if_wanted();

  store::Lsn applied_lsn() const { return applied_.load(std::memory_order_acquire); }
  std::size_t lag_records() const;
  bool failed() const { return failed_.load(); }
  // The error that applying ended with, if it has failed.
  base::Result<void> applying() const;

  // Applies what was pushed, flushes the store, ends the thread. Idempotent.
  void stop();

 private:
  // A frame on its way: read, its leaves hashed, then applied.
  struct Prepared {
    DurableFrame frame;
    FrameRuns runs;
    bool ready = false;
    base::Result<void> read;                    // why it is no frame
    std::vector<store::AppliedRecord> records;  // views into frame and leaves
    std::vector<tlog::Hash> leaves;
  };
  using PreparedPointer = std::shared_ptr<Prepared>;
  using Batch = std::vector<PreparedPointer>;

  store::Unapplied of(const event::LogId& log) const override;
  base::Result<void> wait(const std::atomic<store::Lsn>& reached, store::Lsn lsn,
                          std::int64_t timeout_micros) EXCLUDES_LOCK(mutex_);
  bool put_in_queue(DurableFrame&& frame);
  bool mark_ready(const Batch& batch);
  bool is_hashing_due() const REQUIRES_LOCK(mutex_);
  bool is_batch_due() const REQUIRES_LOCK(mutex_);
  bool is_lag_full() const REQUIRES_LOCK(mutex_);
  void run_hashing();
  static void prepare(const Batch& batch, LeafHasher* hasher);
  Batch take_unprepared() EXCLUDES_LOCK(mutex_);
  void run();
  Batch take_batch() EXCLUDES_LOCK(mutex_);
  base::Result<void> apply(const Batch& batch);
  // Says of the batch that it is applied, or why nothing will be any more.
  void settle(const Batch& batch, const base::Result<void>& result) EXCLUDES_LOCK(mutex_);
  void announce(const std::vector<store::AppliedRecord>& records);
  void release_if_due(bool now);

  store::EventStore& store_;
  const IndexerOptions options_;
  base::SystemClock clock_;

  mutable base::Mutex mutex_;
  base::CondVar pushed_some_, prepared_, applied_some_;
  std::deque<PreparedPointer> queue_ GUARDED_BY(mutex_);
  Batch applying_ GUARDED_BY(mutex_);                      // was at the front of queue_
  std::size_t taken_ GUARDED_BY(mutex_) = 0;               // of queue_, from the front, for hashing
  std::size_t unprepared_records_ GUARDED_BY(mutex_) = 0;  // of the rest of queue_
  std::size_t ready_records_ GUARDED_BY(mutex_) = 0;
  std::size_t lag_records_ GUARDED_BY(mutex_) = 0;  // pushed, not applied
  std::size_t lag_bytes_ GUARDED_BY(mutex_) = 0;
  std::size_t waiting_readers_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
  base::Result<void> failure_ GUARDED_BY(mutex_);  // why nothing more is applied

  std::atomic<store::Lsn> pushed_, applied_;
  std::atomic<bool> failed_ = false;
  bool shows_unapplied_;  // the store does

  std::int64_t released_at_micros_ = 0;  // indexer thread
  std::vector<std::thread> hashing_;
  std::thread thread_;
};

}  // namespace piperoll::ingest
