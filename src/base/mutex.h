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

// Condition variable for a Mutex. wait* REQUIRE the mutex held; spurious wake-ups happen.
class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES_LOCK(mutex) { condition_.wait(mutex); }
  // False when the time passed.
  bool wait_for(Mutex& mutex, std::chrono::microseconds timeout) REQUIRES_LOCK(mutex) {
    return condition_.wait_for(mutex, timeout) == std::cv_status::no_timeout;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace piperoll::base
