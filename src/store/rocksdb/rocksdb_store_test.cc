#include "store/rocksdb/rocksdb_store.h"

#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/coding.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

using testing::apply_records;
using testing::TempDirectory;
using testing::test_ids;
using testing::test_log;

class RocksStoreTest : public ::testing::Test {
 protected:
  void open() { store_ = open_rocksdb_store(options_, ids_).value(); }
  void reopen() {
    store_.reset();
    open();
  }

  TempDirectory directory_;
  FeistelIdCipher ids_{std::string(FeistelIdCipher::kKeyBytes, 'k')};
  RocksOptions options_{.directory = directory_.path()};
  std::unique_ptr<EventStore> store_;
};

TEST_F(RocksStoreTest, IsLockedWhileAnotherHasIt) {
  open();

  const auto second = open_rocksdb_store(options_, ids_);

  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, base::ErrorKind::Unavailable);
  EXPECT_EQ(second.error().code, "locked");
}

TEST_F(RocksStoreTest, IsLockedWhileAnotherProcessHasIt) {
  open();

  const pid_t child = fork();
  if (child == 0) {
    const auto second = open_rocksdb_store(options_, ids_);
    _exit(!second.has_value() && second.error().code == "locked" ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);

  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(RocksStoreTest, RefusesDataOfANewerVersion) {
  {
    const auto database = Database::open(options_).value();
    base::Bytes version;
    base::put_be32(version, kFormatVersion + 1);
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(Family::Meta), format_key(), version);
    ASSERT_TRUE(database->write(batch).has_value());
  }

  const auto store = open_rocksdb_store(options_, ids_);

  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().kind, base::ErrorKind::Corruption);
  EXPECT_EQ(store.error().code, "newer_format");
}

TEST_F(RocksStoreTest, GoesOnWithDataOfTheVersionBeforeAsItsOwn) {
  const auto put_version = [&](std::uint32_t number) {
    const auto database = Database::open(options_).value();
    base::Bytes version;
    base::put_be32(version, number);
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(Family::Meta), format_key(), version);
    ASSERT_TRUE(database->write(batch).has_value());
    ASSERT_TRUE(database->flush().has_value());
  };
  open();
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 10).has_value());
  store_.reset();
  put_version(kFormatVersionLeast);

  open();
  EXPECT_EQ(store_->size(test_log(1)), 10U);
  store_.reset();

  base::Bytes version;
  ASSERT_TRUE(
      Database::open(options_).value()->get_persisted(Family::Meta, format_key(), version).value());
  EXPECT_EQ(base::load_be32(version.data()), kFormatVersion);
  put_version(kFormatVersionLeast - 1);
  EXPECT_EQ(open_rocksdb_store(options_, ids_).error().code, "older_format");
}

// The seventh has a secret of ids, and whole ids in its rows.
TEST_F(RocksStoreTest, GivesDataOfVersionSevenWhatItLacksAndKeepsTheRest) {
  open();
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 10).has_value());
  store_.reset();
  base::Bytes secret, made;
  {
    const auto database = Database::open(options_).value();
    ASSERT_TRUE(database->get_persisted(Family::Meta, id_secret_key(), secret).value());
    base::Bytes version;
    base::put_be32(version, 7);
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(Family::Meta), format_key(), version);
    batch.Delete(database->handle(Family::Meta), made_id_key());
    ASSERT_TRUE(database->write(batch).has_value());
    ASSERT_TRUE(database->flush().has_value());
  }

  open();
  EXPECT_TRUE(store_->get_by_id(test_log(1), "id-3").value().has_value());
  store_.reset();

  const auto database = Database::open(options_).value();
  base::Bytes found;
  ASSERT_TRUE(database->get_persisted(Family::Meta, id_secret_key(), found).value());
  EXPECT_EQ(found, secret);
  ASSERT_TRUE(database->get_persisted(Family::Meta, made_id_key(), made).value());
  EXPECT_EQ(made, ids_.make({}, 0, {}).as_bytes());
}

TEST_F(RocksStoreTest, RefusesAnotherIdKeyThanItsRowsWereWrittenWith) {
  open();
  store_.reset();
  const FeistelIdCipher other(std::string(FeistelIdCipher::kKeyBytes, 'x'));

  for (const bool read_only : {false, true}) {
    options_.read_only = read_only;
    const auto store = open_rocksdb_store(options_, other);
    ASSERT_FALSE(store.has_value());
    EXPECT_EQ(store.error().kind, base::ErrorKind::Corruption);
    EXPECT_EQ(store.error().code, "wrong_id_key");
    EXPECT_NE(store.error().message.find("\"secrets\""), std::string::npos);
  }
  options_.read_only = false;
  open();
}

TEST_F(RocksStoreTest, RefusesAFamilyItDoesNotKnow) {
  {
    const auto database = Database::open(options_).value();
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE(
        database->db().CreateColumnFamily(rocksdb::ColumnFamilyOptions(), "later", &handle).ok());
    ASSERT_TRUE(database->db().DestroyColumnFamilyHandle(handle).ok());
  }

  const auto store = open_rocksdb_store(options_, ids_);

  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, "newer_format");
}

TEST_F(RocksStoreTest, SaysWhyItCannotBeOpened) {
  options_.directory = "/proc/no/such/place";
  const auto store = open_rocksdb_store(options_, ids_);
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().kind, base::ErrorKind::Unavailable);
}

TEST_F(RocksStoreTest, PersistsWithFlushAndNotBefore) {
  options_.flush_at_close = false;
  open();
  ASSERT_TRUE(apply_records(*store_, 5, test_log(1), 10).has_value());
  EXPECT_EQ(store_->applied_lsn(), 5U);
  EXPECT_EQ(store_->persisted_lsn(), 0U);

  ASSERT_TRUE(store_->flush().has_value());
  EXPECT_EQ(store_->persisted_lsn(), 5U);
  ASSERT_TRUE(apply_records(*store_, 6, test_log(1), 10).has_value());
  EXPECT_EQ(store_->persisted_lsn(), 5U);
  reopen();

  EXPECT_EQ(store_->applied_lsn(), 5U);
  EXPECT_EQ(store_->persisted_lsn(), 5U);
  EXPECT_EQ(store_->size(test_log(1)), 10U);
}

TEST_F(RocksStoreTest, ClosingPersistsEverything) {
  open();
  ASSERT_TRUE(apply_records(*store_, 7, test_log(1), 100).has_value());
  reopen();
  EXPECT_EQ(store_->applied_lsn(), 7U);
  EXPECT_EQ(store_->size(test_log(1)), 100U);
  EXPECT_EQ(store_->get(test_log(1), 99)->event().id, "id-99");
}

TEST_F(RocksStoreTest, ReadOnlyReadsAndRefusesToApply) {
  open();
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 3).has_value());
  store_.reset();
  options_.read_only = true;
  open();

  const auto applied = apply_records(*store_, 2, test_log(1), 1);

  ASSERT_FALSE(applied.has_value());
  EXPECT_EQ(applied.error().code, "read_only");
  EXPECT_EQ(store_->size(test_log(1)), 3U);
}

TEST_F(RocksStoreTest, StopsApplyingAfterADamagedRecord) {
  open();
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 3).has_value());

  const auto damaged = apply_records(*store_, 2, test_log(1), 1,
                                     [](std::uint64_t) { return base::Bytes("damaged"); });
  ASSERT_FALSE(damaged.has_value());
  EXPECT_EQ(damaged.error().kind, base::ErrorKind::Corruption);
  const auto after = apply_records(*store_, 3, test_log(1), 1);

  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().code, "store_failed");
  EXPECT_EQ(store_->applied_lsn(), 1U);
  EXPECT_EQ(store_->size(test_log(1)), 3U);
}

TEST_F(RocksStoreTest, ReadsBackLogsItHadForgotten) {
  open();
  Lsn lsn = 0;
  const auto log_of = [](std::uint64_t i) {
    event::LogId log;
    log.org.bytes[0] = static_cast<std::uint8_t>(i);
    log.org.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    return log;
  };
  constexpr std::uint64_t kLogs = kActiveLogsMax + 50;
  for (std::uint64_t round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < kLogs; ++i) {
      ASSERT_TRUE(apply_records(*store_, ++lsn, log_of(i), 2).has_value());
    }
  }

  EXPECT_EQ(store_->logs().size(), kLogs);
  for (const std::uint64_t i : {std::uint64_t{0}, std::uint64_t{500}, kLogs - 1}) {
    EXPECT_EQ(store_->size(log_of(i)), 4U);
    EXPECT_EQ(store_->get(log_of(i), 3)->event().id, "id-3");
  }
}

TEST_F(RocksStoreTest, IndexesWhatReadersHaveReadOftenEnough) {
  options_.indexed_from = 100;
  options_.newest_rows_read_max = 1'000;
  open();
  const query::Filter filter = query::equal({event::Field::Action, {}}, "test.action3");
  const query::PageRequest page{.filter = filter, .limit = 5};
  const auto explained = [&] { return store_->explain(test_log(1), page); };
  const auto count = [&] { return store_->count(test_log(1), filter, std::nullopt).value(); };
  Lsn lsn = 0;
  // Without an index at first, then behind one.
  for (const std::uint64_t records : {70U, 20U}) {
    ASSERT_TRUE(apply_records(*store_, ++lsn, test_log(1), records).has_value());
    const std::uint64_t matches = count();
    const auto found = store_->find(test_log(1), page);
    ASSERT_FALSE(store_->wants_index());
    EXPECT_NE(explained().find(" records, "), std::string::npos) << explained();
    for (std::uint64_t read = 0; read < options_.newest_rows_read_max; read += records) {
      count();
    }
    ASSERT_TRUE(store_->wants_index());

    ASSERT_TRUE(store_->index_newest().has_value());

    EXPECT_FALSE(store_->wants_index());
    EXPECT_EQ(explained().find("newer records"), std::string::npos) << explained();
    EXPECT_EQ(explained().find("too few"), std::string::npos) << explained();
    EXPECT_EQ(count(), matches);
    EXPECT_EQ(store_->find(test_log(1), page)->records.size(), found->records.size());
    EXPECT_EQ(store_->applied_lsn(), lsn);
  }
  // Batches go on as if nothing had been.
  ASSERT_TRUE(apply_records(*store_, ++lsn, test_log(1), 250).has_value());
  EXPECT_EQ(count(), 49U);
  ASSERT_TRUE(store_->flush().has_value());
  reopen();
  EXPECT_EQ(count(), 49U);
}

TEST_F(RocksStoreTest, ReadOnlyWantsNoIndex) {
  options_.newest_rows_read_max = 1;
  open();
  ASSERT_TRUE(apply_records(*store_, 1, test_log(1), 50).has_value());
  ASSERT_TRUE(store_->flush().has_value());
  options_.read_only = true;
  reopen();
  EXPECT_EQ(store_->count(test_log(1), query::all(), std::nullopt).value(), 50U);

  EXPECT_FALSE(store_->wants_index());
  EXPECT_EQ(store_->index_newest().error().code, "read_only");
}

TEST_F(RocksStoreTest, CountsWhatItHolds) {
  open();
  ASSERT_TRUE(apply_records(*store_, 3, test_log(1), 50).has_value());
  ASSERT_TRUE(apply_records(*store_, 4, test_log(2), 20).has_value());
  ASSERT_TRUE(store_->flush().has_value());

  const StoreStats stats = store_->stats();

  EXPECT_EQ(stats.records, 70U);
  EXPECT_EQ(stats.applied, 4U);
  EXPECT_EQ(stats.persisted, 4U);
  EXPECT_GT(stats.bytes_on_disk, 1000U);
  // The readers of the tables are charged to the block cache, 256 KiB at least.
  EXPECT_GT(stats.memory_bytes, 256U << 10U);
}

// The budget that changes/ and docs/adr tell of.
TEST(RocksOptions, MakeAStoreOf504MiBAsTheyCome) {
  const RocksOptions options;
  EXPECT_EQ(options.block_cache_bytes + options.write_buffer_bytes + kActiveLogBytesMax +
                kValueListBytesMax + kFieldTotalsBytesMax + kTextListBytesMax +
                kBoundsListBytesMax + kTimeSegmentBytesMax + kUnpostedColumnBytesMax,
            504ULL << 20);
}

}  // namespace
}  // namespace piperoll::store::rocks
