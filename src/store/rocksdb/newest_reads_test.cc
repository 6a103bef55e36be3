#include "store/rocksdb/newest_reads.h"

#include <thread>

#include <gtest/gtest.h>

#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

event::LogId log_of(std::uint64_t number) {
  event::LogId log;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    log.org.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return log;
}

using Logs = std::vector<event::LogId>;

TEST(NewestReads, AreDueWhenTheyHaveCostEnough) {
  NewestReads reads(100);
  reads.add(log_of(1), 50, 60);
  reads.add(log_of(2), 50, 60);
  EXPECT_FALSE(reads.any_due());

  reads.add(log_of(1), 50, 40);
  EXPECT_TRUE(reads.any_due());
  reads.add(log_of(1), 50, 1'000);

  EXPECT_EQ(reads.take_due(), Logs{log_of(1)});
  EXPECT_FALSE(reads.any_due());
  EXPECT_TRUE(reads.take_due().empty());
  reads.add(log_of(1), 50, 99);
  EXPECT_FALSE(reads.any_due()) << "they count from zero";
}

TEST(NewestReads, AreOfTheRecordsThatStillWait) {
  NewestReads reads(100);
  reads.add(log_of(1), 50, 99);
  reads.add(log_of(1), 60, 99);
  EXPECT_FALSE(reads.any_due()) << "the index got those of the first query meanwhile";
  reads.add(log_of(1), 60, 1);
  EXPECT_TRUE(reads.any_due());
}

TEST(NewestReads, NameALogOnceHoweverOftenItBecameDue) {
  NewestReads reads(100);
  reads.add(log_of(1), 50, 100);
  reads.add(log_of(1), 60, 100);
  reads.add(log_of(1), 50, 100);
  EXPECT_EQ(reads.take_due(), Logs{log_of(1)});
}

TEST(NewestReads, OfNoRecordAreNone) {
  NewestReads reads(1);
  reads.add(log_of(1), 50, 0);
  EXPECT_FALSE(reads.any_due());
}

TEST(NewestReads, OfManyLogsAreForgottenAtTimes) {
  NewestReads reads(10);
  reads.add(log_of(0), 0, 9);
  for (std::uint64_t i = 1; i <= kNewestReadsLogsMax; ++i) {
    reads.add(log_of(i), 0, 9);
  }
  reads.add(log_of(0), 0, 9);
  EXPECT_FALSE(reads.any_due());
  reads.add(log_of(0), 0, 1);
  EXPECT_EQ(reads.take_due(), Logs{log_of(0)});
}

TEST(NewestReads, CountForAllThreads) {
  NewestReads reads(4'000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1'000; ++n) {
        reads.add(log_of(1), 0, 1);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(reads.take_due(), Logs{log_of(1)});
}

}  // namespace
}  // namespace piperoll::store::rocks
