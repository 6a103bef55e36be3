#include "base/thread.h"

#include <cerrno>
#include <chrono>

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include "base/diagnostics.h"

namespace piperoll::base {
namespace {

constexpr int kNiceBehindAnswers = 5;  // a weight of 335 where others have 1,024 (sched(7))
constexpr std::chrono::microseconds kBetweenGivingWay{250};

}  // namespace

void name_this_thread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

void lower_this_threads_priority() {
  errno = 0;
  const int nice_now = getpriority(PRIO_PROCESS, 0);  // of this thread
  if (errno == 0 && setpriority(PRIO_PROCESS, 0, nice_now + kNiceBehindAnswers) != 0) {
    warning("a thread keeps its priority: the system does not let it go down", {});
  }
}

void give_way() {
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point given;
  if (Clock::now() - given >= kBetweenGivingWay) {
    sched_yield();
    given = Clock::now();
  }
}

}  // namespace piperoll::base
