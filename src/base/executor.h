#pragma once
// Somebody else's threads, as an interface.

#include <functional>

namespace piperoll::base {

// Thread-safe. Never runs a task on the thread that posts it.
class Executor {
 public:
  virtual ~Executor() = default;
  // False when there is no room or the executor has stopped: the task will not run. Does not block.
  virtual bool post(std::function<void()> task) = 0;
};

}  // namespace piperoll::base
