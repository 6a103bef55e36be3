#include "base/thread.h"

#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

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

}  // namespace
}  // namespace piperoll::base
