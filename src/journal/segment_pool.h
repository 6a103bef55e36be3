#pragma once
// Segments ready to be written: a thread of its own zeroes new ones and takes back released ones,
// so that the appending thread never does. Thread-safe.
//
// A released segment is overwritten as it is, without any mark on disk: its frames have lower lsns
// than all that are still needed, and recovery knows them by that. With growing files a released
// segment is removed instead.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "journal/file_system.h"
#include "journal/recovery.h"

namespace piperoll::journal {

struct PoolOptions {
  std::string directory;
  std::uint64_t journal_id = 0;
  std::uint64_t next_number = 1;  // no file has this number or a higher one
  std::uint64_t segment_bytes = 0;
  std::uint64_t reserve_bytes = 0;
  bool direct = true;                   // false: growing files
  std::vector<SegmentHeader> released;  // as given back, before anything else is made
};

class SegmentPool {
 public:
  SegmentPool(FileSystem& files, PoolOptions options);  // starts the thread
  ~SegmentPool();  // gives up what is being made, joins the thread
  SegmentPool(const SegmentPool&) = delete;
  SegmentPool& operator=(const SegmentPool&) = delete;

  // A segment without a needed frame, open. Waits for the thread when none is ready, and reports
  // why it could not make one: Unavailable "no_space" or "no_segment" (later may work).
  base::Result<ActiveSegment> take();
  // A segment whose frames nobody needs any more.
  void give_back(const SegmentHeader& segment);

  std::uint64_t free_count() const;
  // A write or sync has failed in the thread; it makes nothing any more.
  bool failed() const { return failed_.load(); }

 private:
  void run();
  bool has_work() const REQUIRES_LOCK(mutex_);
  void work_once();
  void recycle(const SegmentHeader& segment);
  void remove(const SegmentHeader& segment);
  void prepare();
  base::Result<ActiveSegment> make(std::uint64_t number);
  base::Result<void> fill(File& file, const SegmentHeader& header);
  base::Result<void> note_failure(base::Result<void> result);
  bool pause();

  FileSystem& files_;
  const PoolOptions options_;
  std::uint64_t next_number_;  // owned by the thread
  std::atomic<bool> failed_{false};

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::deque<ActiveSegment> spares_ GUARDED_BY(mutex_);
  std::deque<SegmentHeader> returned_ GUARDED_BY(mutex_);
  // How the last attempt to make a segment failed; the next attempt is made when somebody asks,
  // which empties this.
  std::optional<base::Error> error_ GUARDED_BY(mutex_);
  int waiting_ GUARDED_BY(mutex_) = 0;

  std::thread thread_;  // last: it uses everything above
};

}  // namespace piperoll::journal
