#pragma once
// std::mutex with the attributes that clang's thread-safety analysis needs.

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define PIPEROLL_TSA(x) __attribute__((x))
#else
#define PIPEROLL_TSA(x)
#endif
#define GUARDED_BY(m) PIPEROLL_TSA(guarded_by(m))
#define REQUIRES_LOCK(...) PIPEROLL_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES_LOCK(...) PIPEROLL_TSA(locks_excluded(__VA_ARGS__))

namespace piperoll::base {

class PIPEROLL_TSA(capability("mutex")) Mutex {
 public:
  void lock() PIPEROLL_TSA(acquire_capability()) { mutex_.lock(); }
  void unlock() PIPEROLL_TSA(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class PIPEROLL_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) PIPEROLL_TSA(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() PIPEROLL_TSA(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Condition variable for a Mutex. wait* REQUIRE the mutex held; spurious wake-ups happen. Notify
// after the lock is gone where that is safe: whoever wakes wants the mutex at once.
class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES_LOCK(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False when the time passed.
  bool wait_for(Mutex& mutex, std::chrono::microseconds timeout) REQUIRES_LOCK(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = condition_.wait_for(lock, timeout) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace piperoll::base
