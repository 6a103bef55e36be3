#pragma once
// A journal in memory that can be told to fail and to wait. For tests.

#include <condition_variable>
#include <mutex>
#include <vector>

#include "journal/journal.h"

namespace piperoll::ingest::testing {

class FakeJournal : public journal::Journal {
 public:
  enum class Failure { None, NoSpace, Broken };

  base::Result<journal::Lsn> append(base::ByteView payload) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    --waiting_;
    if (failure_ == Failure::NoSpace) {
      return base::Error{
          .kind = base::ErrorKind::Unavailable, .message = "full", .code = "no_space"};
    }
    if (failure_ == Failure::Broken || failed_) {
      failed_ = true;
      return base::Error{
          .kind = base::ErrorKind::Unavailable, .message = "broken", .code = "journal_failed"};
    }
    frames_.emplace_back(payload);
    return frames_.size();
  }
  void release(journal::Lsn) override {}
  journal::Lsn last_lsn() const override {
    std::unique_lock lock(mutex_);
    return frames_.size();
  }
  bool failed() const override {
    std::unique_lock lock(mutex_);
    return failed_;
  }
  bool direct_io() const override { return false; }
  journal::JournalStats stats() const override { return {}; }

  void fail_with(Failure failure) {
    std::unique_lock lock(mutex_);
    failure_ = failure;
  }
  // append() waits until let_go().
  void hold() {
    std::unique_lock lock(mutex_);
    held_ = true;
  }
  void let_go() {
    std::unique_lock lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Returns when somebody waits in append().
  void wait_until_waiting() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  std::vector<base::Bytes> frames() const {
    std::unique_lock lock(mutex_);
    return frames_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<base::Bytes> frames_;
  Failure failure_ = Failure::None;
  bool failed_ = false, held_ = false;
  int waiting_ = 0;
};

}  // namespace piperoll::ingest::testing
