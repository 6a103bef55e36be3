#pragma once
// A fixed number of threads for work that may block. Thread-safe.

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/executor.h"
#include "base/mutex.h"

namespace piperoll::net {

class WorkerPool : public base::Executor {
 public:
  struct Options {
    int threads = 2;
    std::size_t queued_max = 4096;  // tasks waiting for a thread; above it post() says no
    std::string name = "worker";    // of the threads, at most 10 characters
  };
  explicit WorkerPool(Options options);  // REQUIRES: threads >= 1
  ~WorkerPool() override;                // stop()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // A task must not throw.
  bool post(std::function<void()> task) override;
  // Refuses new tasks, runs those that wait, joins. May be called again.
  void stop();
  std::size_t queued() const;

 private:
  void run();

  const Options options_;
  mutable base::Mutex mutex_;
  base::CondVar work_;
  std::deque<std::function<void()>> tasks_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  base::Mutex joining_;
  std::vector<std::thread> threads_ GUARDED_BY(joining_);
};

}  // namespace piperoll::net
