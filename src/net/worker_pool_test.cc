#include "net/worker_pool.h"

#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace piperoll::net {
namespace {

TEST(WorkerPool, RunsEveryTaskOnItsOwnThreads) {
  std::atomic<int> done = 0;
  std::atomic<int> on_caller = 0;
  auto caller = std::this_thread::get_id();
  WorkerPool pool({.threads = 3});

  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(pool.post([&] {
      on_caller += std::this_thread::get_id() == caller;
      ++done;
    }));
  }
  pool.stop();

  EXPECT_EQ(done, 1000);
  EXPECT_EQ(on_caller, 0);
}

TEST(WorkerPool, RefusesWhatItHasNoRoomFor) {
  std::promise<void> started;
  std::promise<void> release;
  WorkerPool pool({.threads = 1, .queued_max = 2});  // ends first: its thread uses the promises
  ASSERT_TRUE(pool.post([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();

  EXPECT_TRUE(pool.post([] {}));
  EXPECT_TRUE(pool.post([] {}));
  EXPECT_FALSE(pool.post([] {}));
  EXPECT_EQ(pool.queued(), 2u);

  release.set_value();
}

TEST(WorkerPool, RefusesTasksOnceStopped) {
  WorkerPool pool({.threads = 1});
  pool.stop();

  EXPECT_FALSE(pool.post([] {}));
}

}  // namespace
}  // namespace piperoll::net
