#include "ingest/indexer.h"

#include <atomic>
#include <memory>
#include <set>
#include <thread>

#include <gtest/gtest.h>

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

// A batch that gathers for ever, in a store that shows what waits.
struct WaitingFramesTest : ::testing::Test {
  WaitingFramesTest() { open(); }
  void open() {
    indexer.reset();
    store.reset();
    store = store::rocks::open_rocksdb_store({.directory = directory.path()}, ids).value();
    indexer = std::make_unique<Indexer>(
        *store, IndexerOptions{.batch_age_micros = kLong, .server_name = std::string(kServerName)});
  }
  store::Lsn push(std::size_t records) {
    DurableFrame frame = frames.next(log_of(1), records);
    const store::Lsn lsn = frame.lsn;
    indexer->push(std::move(frame));
    return lsn;
  }
  std::uint64_t count() {
    return store->count(log_of(1), query::equal({event::Field::Action, {}}, "test.action"), {})
        .value();
  }

  base::TempDirectory directory;
  store::FeistelIdCipher ids{std::string(32, 'k')};
  LogFrames frames;
  std::unique_ptr<store::EventStore> store;
  std::unique_ptr<Indexer> indexer;
};

TEST_F(WaitingFramesTest, AreReadBeforeTheyAreApplied) {
  ASSERT_TRUE(indexer->wait_applied(push(20), kLong).has_value());
  const store::Lsn last = push(3);

  ASSERT_TRUE(indexer->wait_readable(last, 0).has_value()) << "without waiting";

  EXPECT_LT(indexer->applied_lsn(), last);
  EXPECT_EQ(store->size(log_of(1)), 23U);
  EXPECT_EQ(count(), 23U);
  EXPECT_EQ(store->get(log_of(1), 22)->event().id, "id-22");
  EXPECT_EQ(store->get_by_id(log_of(1), "id-21").value()->seq(), 21U);
  EXPECT_FALSE(store->get_by_id(log_of(1), "id-23").value().has_value());
  const auto page = store->find(log_of(1), {.sort = query::newest_first(), .limit = 2});
  ASSERT_EQ(page->records.size(), 2U);
  EXPECT_EQ(page->tree_size, 23U);
  EXPECT_EQ(store->tree(log_of(1)).size, 20U) << "not in the tree";

  ASSERT_TRUE(indexer->wait_applied(last, kLong).has_value());
  EXPECT_EQ(store->size(log_of(1)), 23U);
  EXPECT_EQ(count(), 23U);
}

TEST_F(WaitingFramesTest, OfALogThatHasNothingElse) {
  ASSERT_TRUE(indexer->wait_readable(push(5), 0).has_value());
  EXPECT_EQ(indexer->applied_lsn(), 0U);
  EXPECT_EQ(count(), 5U);
  EXPECT_EQ(store->get_by_id(log_of(1), "id-4").value()->seq(), 4U);
  EXPECT_EQ(store->size(log_of(2)), 0U);
}

TEST_F(WaitingFramesTest, AreAppliedWhenItStops) {
  push(5);
  indexer->stop();
  EXPECT_EQ(store->tree(log_of(1)).size, 5U);
  open();
  EXPECT_EQ(count(), 5U);
}

TEST_F(WaitingFramesTest, AreNotWaitedForLongerThanSaid) {
  const auto waited = indexer->wait_readable(1, 1'000);
  EXPECT_EQ(waited.error().code, "timeout");
}

TEST_F(WaitingFramesTest, AreRefusedBehindOneThatIsNone) {
  ASSERT_TRUE(indexer->wait_applied(push(3), kLong).has_value());
  indexer->push({.lsn = 2, .payload = "damaged", .records = 1});
  EXPECT_EQ(indexer->wait_applied(2, kLong).error().code, "index_failed");
  EXPECT_EQ(indexer->wait_readable(2, kLong).error().code, "index_failed");
  EXPECT_TRUE(indexer->wait_readable(1, kLong).has_value());
}

// Readers beside the applying thread lose nothing on the way from waiting to applied.
TEST_F(WaitingFramesTest, AreNeverMissing) {
  constexpr int kFrames = 300;
  std::atomic<store::Lsn> pushed = 0;
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const store::Lsn lsn = pushed;
      ASSERT_TRUE(indexer->wait_readable(lsn, kLong).has_value());
      const std::uint64_t size = store->size(log_of(1));
      ASSERT_GE(size, 7 * lsn);
      ASSERT_GE(count(), size);
    }
  });
  for (int i = 0; i < kFrames; ++i) {
    pushed = push(7);
    if (i % 5 == 0) {
      ASSERT_TRUE(indexer->wait_applied(pushed, kLong).has_value());
    }
  }
  done = true;
  reader.join();
  EXPECT_EQ(count(), 7U * kFrames);
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
