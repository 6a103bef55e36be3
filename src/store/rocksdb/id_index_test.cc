#include "store/rocksdb/id_index.h"

#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/coding.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

using testing::apply_records;
using testing::TempDirectory;
using testing::test_ids;
using testing::test_log;

// Few different bytes, so that ids meet, and forms that are nearly a UUID.
std::string some_id() {
  const auto bytes = *rc::gen::container<std::string>(16, rc::gen::element('\x00', '\x0a', '\xfa'));
  std::string id = base::Uuid::from_bytes(bytes).to_string();
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return bytes;
    case 1:
      id[*rc::gen::element<std::size_t>(0, 9, 35)] = 'A';
      return id;
    case 2:
      return id + "0";
    case 3:
      return *rc::gen::nonEmpty<std::string>();
    default:
      return id;
  }
}

RC_GTEST_PROP(IdIndexProperty, FindsWhatAMapFinds, ()) {
  TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();
  const bool is_older = *rc::gen::arbitrary<bool>();
  if (is_older) {
    database->set_has_older_ids();
  }
  std::map<std::pair<LogNumber, std::string>, std::uint64_t> expected;
  rocksdb::WriteBatch batch;
  const auto count = *rc::gen::inRange<std::uint64_t>(0, 200);
  for (std::uint64_t seq = 0; seq < count; ++seq) {
    const auto log = *rc::gen::inRange<LogNumber>(0, 3);
    const std::string id = some_id();
    if (!expected.emplace(std::pair(log, id), seq).second) {
      continue;
    }
    if (is_older && *rc::gen::arbitrary<bool>()) {
      base::Bytes value;
      base::put_varint(value, seq);
      value += *rc::gen::arbitrary<std::string>();  // a digest
      batch.Put(database->handle(Family::Ids), older_id_key(log, id), value);
    } else {
      put_id(batch, *database, log, id, seq);
    }
  }
  RC_ASSERT(database->write(batch).has_value());

  for (const auto& [key, seq] : expected) {
    for (LogNumber log = 0; log < 3; ++log) {
      const auto there = expected.find({log, key.second});
      const auto found = get_id(*database, nullptr, log, key.second);
      RC_ASSERT(found.has_value());
      RC_ASSERT(found->has_value() == (there != expected.end()));
      if (found->has_value()) {
        RC_ASSERT(**found == there->second);
      }
    }
  }
  for (int i = 0; i < 50; ++i) {
    const auto log = *rc::gen::inRange<LogNumber>(0, 3);
    const std::string id = some_id();
    RC_ASSERT(get_id(*database, nullptr, log, id)->has_value() == expected.contains({log, id}));
  }
}

// Data as versions before 5 left it, gone on with by this one.
class OlderIds : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  static constexpr std::uint64_t kOlder = 300;

  static std::string id_of(std::uint64_t seq) {
    if (seq % 3 == 2) {
      return "id-" + std::to_string(seq);
    }
    base::Bytes bytes(8, '\x5a');
    base::put_be64(bytes, seq);
    std::string id = base::Uuid::from_bytes(bytes).to_string();
    if (seq % 3 == 1) {
      id[0] = 'A';
    }
    return id;
  }
  void open() { store_ = open_rocksdb_store(options_, ids_).value(); }
  void apply(Lsn lsn, std::uint64_t count) {
    ASSERT_TRUE(apply_records(*store_, lsn, test_log(1), count, [](std::uint64_t seq) {
                  event::Event event = event::make_event("test.action");
                  event.id = id_of(seq);
                  return testing::record_bytes(seq, event);
                }).has_value());
  }
  // What only this version writes is taken back: ids under their older keys, no mark.
  void make_older(std::uint32_t version) {
    const auto database = Database::open(options_).value();
    base::Bytes version_bytes;
    base::put_be32(version_bytes, version);
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(Family::Meta), format_key(), version_bytes);
    for (std::uint64_t seq = 0; seq < kOlder; ++seq) {
      const base::Bytes key = id_key(0, id_of(seq));
      rocksdb::PinnableSlice value;
      ASSERT_TRUE(database->get(Family::Ids, key, nullptr, value).has_value());
      batch.Delete(database->handle(Family::Ids), key);
      batch.Put(database->handle(Family::Ids), older_id_key(0, id_of(seq)),
                value.ToString() + "digest");
    }
    rocksdb::WriteOptions no_log;
    no_log.disableWAL = true;
    ASSERT_TRUE(database->db().Write(no_log, &batch).ok());
    ASSERT_TRUE(database->flush().has_value());
  }
  void expect_known(std::uint64_t count) {
    for (std::uint64_t seq = 0; seq < count; ++seq) {
      const auto known = store_->find_id(test_log(1), id_of(seq)).value();
      ASSERT_TRUE(known.has_value()) << id_of(seq);
      EXPECT_EQ(*known, seq);
      EXPECT_EQ(store_->get_by_id(test_log(1), id_of(seq)).value()->event().id, id_of(seq));
    }
    EXPECT_FALSE(store_->find_id(test_log(1), id_of(count)).value().has_value());
    EXPECT_FALSE(store_->find_id(test_log(2), id_of(0)).value().has_value());
  }

  TempDirectory directory_;
  FeistelIdCipher ids_ = test_ids();
  RocksOptions options_{.directory = directory_.path(), .flush_at_close = false};
  std::unique_ptr<EventStore> store_;
};

TEST_P(OlderIds, AreFoundHoweverOftenTheStoreIsOpened) {
  open();
  apply(1, kOlder);
  ASSERT_TRUE(store_->flush().has_value());
  store_.reset();
  make_older(GetParam());

  options_.read_only = true;
  open();
  expect_known(kOlder);
  store_.reset();
  options_.read_only = false;
  // Closed without a flush of ours: what opening itself wrote has to be enough.
  open();
  expect_known(kOlder);
  store_.reset();
  open();
  expect_known(kOlder);
  apply(2, 100);
  expect_known(kOlder + 100);
  ASSERT_TRUE(compact_rocksdb_store(*store_).has_value());
  store_.reset();
  options_.read_only = true;
  open();
  expect_known(kOlder + 100);
}

INSTANTIATE_TEST_SUITE_P(OfVersion, OlderIds,
                         ::testing::Range(kFormatVersionLeast, kFormatVersionUuidKeys),
                         ::testing::PrintToStringParamName());

TEST(NewStore, HasNoOlderIdsToLookFor) {
  TempDirectory directory;
  const FeistelIdCipher ids = test_ids();
  const RocksOptions options{.directory = directory.path()};
  ASSERT_TRUE(open_rocksdb_store(options, ids).has_value());
  ASSERT_TRUE(open_rocksdb_store(options, ids).has_value());

  base::Bytes value;
  const auto database = Database::open(options).value();
  EXPECT_FALSE(database->get_persisted(Family::Meta, older_ids_key(), value).value());
  EXPECT_TRUE(database->get_persisted(Family::Meta, format_key(), value).value());
}

}  // namespace
}  // namespace piperoll::store::rocks
