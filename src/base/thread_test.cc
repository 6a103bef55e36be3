#include "base/thread.h"

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

namespace piperoll::base {
namespace {

TEST(Thread, NamesItselfAlone) {
  std::array<char, 16> name{};
  std::thread([&] {
    name_this_thread("fifteen letters");
    pthread_getname_np(pthread_self(), name.data(), name.size());
  }).join();
  EXPECT_EQ(std::string(name.data()), "fifteen letters");
  pthread_getname_np(pthread_self(), name.data(), name.size());
  EXPECT_NE(std::string(name.data()), "fifteen letters");
}

TEST(Thread, LowersItsPriorityAndNoOther) {
  constexpr int kNiceMost = 19;
  const int before = getpriority(PRIO_PROCESS, 0);
  int in_thread = before;
  std::thread([&] {
    lower_this_threads_priority();
    in_thread = getpriority(PRIO_PROCESS, 0);
  }).join();
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), before);
  if (before < kNiceMost) {
    EXPECT_GT(in_thread, before);
  }
}

void stay_on_one_processor() {
  cpu_set_t allowed, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  CPU_ZERO(&one);
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) {
      CPU_SET(cpu, &one);
    }
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
}

std::chrono::nanoseconds processor_time_of_this_thread() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

// By itself the kernel lets the other wait for milliseconds of ours. Measured in ours, so that what
// else the machine does counts nothing.
TEST(Thread, GivesItsProcessorToAnotherThatWaitsForIt) {
  constexpr int kTimes = 40;
  std::atomic<int> asked = 0, answered = 0;
  std::thread answering([&] {
    stay_on_one_processor();
    for (int i = 0; i < kTimes; ++i) {
      asked.wait(i);
      answered = i + 1;
    }
  });
  std::chrono::nanoseconds spent{};
  std::thread([&] {
    stay_on_one_processor();
    for (int i = 0; i < kTimes; ++i) {
      const std::chrono::nanoseconds begin = processor_time_of_this_thread();
      asked = i + 1;
      asked.notify_one();
      while (answered != i + 1) {
        give_way();
      }
      spent += processor_time_of_this_thread() - begin;
    }
  }).join();
  answering.join();
  EXPECT_LT(spent, kTimes * std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace piperoll::base
