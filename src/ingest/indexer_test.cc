#include "ingest/indexer.h"

#include <chrono>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "base/temp_directory_test_support.h"
#include "ingest/testing/log_frames.h"
#include "ingest/tree_check.h"
#include "query/filter.h"
#include "store/id_cipher.h"
#include "store/memory/memory_store.h"
#include "store/rocksdb/rocksdb_store.h"

namespace piperoll::ingest {
namespace {

using testing::kServerName;
using testing::log_of;
using testing::LogFrames;

constexpr std::int64_t kLong = 60'000'000;  // microseconds; nothing waits so long

struct IndexerTest : ::testing::Test {
  store::FeistelIdCipher ids{std::string(32, 'k')};
  std::unique_ptr<store::EventStore> store = store::memory::make_memory_store(ids);
  LogFrames frames;
};

TEST_F(IndexerTest, AppliesFramesInOrderWithTheirLeavesHoweverManyThreadsHash) {
  for (const int threads : {1, 4}) {
    store = store::memory::make_memory_store(ids);
    LogFrames journal;
    Indexer indexer(*store, {.server_name = std::string(kServerName), .hash_threads = threads});
    store::Lsn last = 0;
    for (int i = 0; i < 200; ++i) {
      DurableFrame frame =
          journal.next(log_of(static_cast<std::uint8_t>(i % 3)), 1 + static_cast<std::size_t>(i));
      last = frame.lsn;
      indexer.push(std::move(frame));
    }
    ASSERT_TRUE(indexer.wait_applied(last, kLong).has_value());

    EXPECT_EQ(indexer.lag_records(), 0U);
    EXPECT_EQ(store->logs().size(), 3U);
    for (const event::LogId& log : store->logs()) {
      EXPECT_EQ(store->tree(log).size, store->size(log));
    }
    EXPECT_TRUE(check_trees(*store, kServerName).has_value());
  }
}

TEST_F(IndexerTest, AppliesInAHurryWhatWasPushedUntilThen) {
  Indexer indexer(*store, {.batch_age_micros = kLong, .server_name = std::string(kServerName)});
  indexer.hurry();  // nothing is there yet
  for (store::Lsn hurried = 0; hurried < 3; ++hurried) {
    DurableFrame frame = frames.next(log_of(1), 3);
    const store::Lsn last = frame.lsn;
    indexer.push(std::move(frame));
    EXPECT_LT(indexer.applied_lsn(), last) << "a batch gathers";

    indexer.hurry();

    while (indexer.applied_lsn() < last) {
      std::this_thread::yield();
    }
  }
}

TEST_F(IndexerTest, GathersForLessTimeWhereAReaderWaitedLately) {
  base::Mutex mutex;
  base::CondVar applied_some;
  Indexer indexer(*store, {.batch_age_micros = kLong,
                           .server_name = std::string(kServerName),
                           .applied = [&](std::span<const event::LogId>) {
                             base::MutexLock lock(mutex);
                             applied_some.notify_all();
                           }});
  const auto push = [&] {
    DurableFrame frame = frames.next(log_of(1), 1);
    const store::Lsn lsn = frame.lsn;
    indexer.push(std::move(frame));
    return lsn;
  };
  // On a busy machine "lately" may be over before the second push: then once more.
  bool applied = false;
  for (int attempt = 0; attempt < 100 && !applied; ++attempt) {
    ASSERT_TRUE(indexer.wait_applied(push(), kLong).has_value());
    base::MutexLock lock(mutex);
    const store::Lsn unasked = push();
    for (int i = 0; i < 2 && !applied; ++i) {
      applied_some.wait_for(mutex, std::chrono::milliseconds(50));
      applied = store->applied_lsn() >= unasked;
    }
  }
  EXPECT_TRUE(applied);
}

TEST_F(IndexerTest, TellsWhichLogsHaveGrown) {
  std::set<event::LogId> told;
  Indexer indexer(*store, {.server_name = std::string(kServerName),
                           .applied = [&](std::span<const event::LogId> logs) {
                             told.insert(logs.begin(), logs.end());
                           }});
  indexer.push(frames.next(log_of(1), 3));
  indexer.push(frames.next(log_of(2, event::LogKind::Access), 1));
  indexer.stop();

  EXPECT_EQ(told, (std::set{log_of(1), log_of(2, event::LogKind::Access)}));
}

TEST_F(IndexerTest, KeepsNoTreeWithoutANameForIt) {
  Indexer indexer(*store, {});
  indexer.push(frames.next(log_of(1), 3));
  indexer.stop();

  EXPECT_EQ(store->size(log_of(1)), 3U);
  EXPECT_EQ(store->tree(log_of(1)), store::TreeHead{});
}

TEST_F(IndexerTest, StopsAtAFrameThatIsNone) {
  Indexer indexer(*store, {.server_name = std::string(kServerName)});
  DurableFrame good = frames.next(log_of(1), 3);
  const store::Lsn first = good.lsn;
  indexer.push(std::move(good));
  ASSERT_TRUE(indexer.wait_applied(first, kLong).has_value());
  indexer.push({.lsn = first + 1, .payload = "damaged", .records = 1});

  const auto waited = indexer.wait_applied(first + 1, kLong);

  EXPECT_EQ(waited.error().code, "index_failed");
  EXPECT_TRUE(indexer.failed());
  EXPECT_EQ(store->size(log_of(1)), 3U);
}

TEST(IndexerOfAnIndex, PutsThereWhatReadersHavePaidFor) {
  const base::TempDirectory directory;
  const store::FeistelIdCipher ids{std::string(32, 'k')};
  const auto store = store::rocks::open_rocksdb_store(
                         {.directory = directory.path(), .newest_rows_read_max = 100}, ids)
                         .value();
  LogFrames frames;
  Indexer indexer(*store, {.server_name = std::string(kServerName)});
  DurableFrame frame = frames.next(log_of(1), 60);
  const store::Lsn last = frame.lsn;
  indexer.push(std::move(frame));
  ASSERT_TRUE(indexer.wait_applied(last, kLong).has_value());
  indexer.index_if_wanted();  // nobody does

  const auto filter = query::equal({event::Field::Action, {}}, "test.action");
  const auto has_index = [&] {
    return store->explain(log_of(1), query::PageRequest{.filter = filter}).find("indexed\n") !=
           std::string::npos;
  };
  EXPECT_FALSE(has_index());
  EXPECT_EQ(store->count(log_of(1), filter, std::nullopt).value(), 60U);
  EXPECT_EQ(store->count(log_of(1), filter, std::nullopt).value(), 60U);
  indexer.index_if_wanted();

  while (!has_index() && !indexer.failed()) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(indexer.failed());
  EXPECT_EQ(store->count(log_of(1), filter, std::nullopt).value(), 60U);
}

TEST_F(IndexerTest, AppliesWhatWasPushedBeforeItStops) {
  Indexer indexer(*store, {.batch_age_micros = kLong, .server_name = std::string(kServerName)});
  for (int i = 0; i < 50; ++i) {
    indexer.push(frames.next(log_of(1), 1));
  }
  indexer.stop();

  EXPECT_EQ(store->tree(log_of(1)).size, 50U);
}

}  // namespace
}  // namespace piperoll::ingest
