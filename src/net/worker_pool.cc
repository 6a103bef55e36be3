#include "net/worker_pool.h"

#include <utility>

#include "base/check.h"
#include "base/thread.h"

namespace piperoll::net {

WorkerPool::WorkerPool(Options options) : options_(std::move(options)) {
  CHECK(options_.threads >= 1);
  base::MutexLock lock(joining_);
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this, i] {
      base::name_this_thread((options_.name + "-" + std::to_string(i)).c_str());
      run();
    });
  }
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::post(std::function<void()> task) {
  {
    base::MutexLock lock(mutex_);
    if (stopping_ || tasks_.size() >= options_.queued_max) {
      return false;
    }
    tasks_.push_back(std::move(task));
  }
  work_.notify_one();
  return true;
}

void WorkerPool::stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  base::MutexLock lock(joining_);
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

std::size_t WorkerPool::queued() const {
  base::MutexLock lock(mutex_);
  return tasks_.size();
}

void WorkerPool::run() {
  for (;;) {
    std::function<void()> task;
    {
      base::MutexLock lock(mutex_);
      while (tasks_.empty() && !stopping_) {
        work_.wait(mutex_);
      }
      if (tasks_.empty()) {
        return;
      }
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace piperoll::net
