#include "store/rocksdb/id_index.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/coding.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/store_format.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/meeting_ids.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

using testing::apply_records;
using testing::id_at;
using testing::kMeetingIds;
using testing::known_secret;
using testing::TempDirectory;
using testing::test_ids;
using testing::test_log;
using Seqs = std::vector<std::uint64_t>;

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

void put_as_older(rocksdb::WriteBatch& batch, const Database& database, const base::Bytes& key,
                  std::uint64_t seq, base::ByteView digest) {
  base::Bytes value;
  base::put_varint(value, seq);
  value += digest;
  batch.Put(database.handle(Family::Ids), rocksdb::Slice(key), rocksdb::Slice(value));
}

RC_GTEST_PROP(IdIndexProperty, FindsWhatAMapFinds, ()) {
  TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();
  database->set_id_secret(known_secret());
  const std::uint64_t older = *rc::gen::inRange<std::uint64_t>(0, 100);
  if (older > 0) {
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
    if (seq >= older) {
      put_id(batch, *database, log, id, seq);
    } else if (*rc::gen::arbitrary<bool>()) {
      put_as_older(batch, *database, whole_id_key(log, id), seq, "");
    } else {
      put_as_older(batch, *database, text_id_key(log, id), seq, *rc::gen::arbitrary<std::string>());
    }
  }
  RC_ASSERT(database->write(batch).has_value());

  const auto check = [&](LogNumber log, const std::string& id) {
    const auto found = seqs_of_id(*database, nullptr, log, id);
    RC_ASSERT(found.has_value());
    const auto there = expected.find({log, id});
    RC_ASSERT(*found == (there == expected.end() ? Seqs() : Seqs({there->second})));
  };
  for (const auto& [key, seq] : expected) {
    for (LogNumber log = 0; log < 3; ++log) {
      check(log, key.second);
    }
  }
  for (int i = 0; i < 50; ++i) {
    check(*rc::gen::inRange<LogNumber>(0, 3), some_id());
  }
}

class IdIndex : public ::testing::Test {
 protected:
  IdIndex() { database_->set_id_secret(known_secret()); }
  void put(const std::string& id, std::uint64_t seq) {
    rocksdb::WriteBatch batch;
    put_id(batch, *database_, 1, id, seq);
    ASSERT_TRUE(database_->write(batch).has_value());
  }
  Seqs seqs_of(const std::string& id, const Snapshot& snapshot = nullptr) {
    return seqs_of_id(*database_, snapshot, 1, id).value();
  }

  TempDirectory directory_;
  std::unique_ptr<Database> database_ = Database::open({.directory = directory_.path()}).value();
};

TEST_F(IdIndex, KnowsIdsThatMeet) {
  for (const auto& [a, b] : kMeetingIds) {
    ASSERT_NE(id_at(a), id_at(b));
    EXPECT_EQ(id_key(1, known_secret(), id_at(a)), id_key(1, known_secret(), id_at(b)));
  }
}

TEST_F(IdIndex, HasTheSeqsOfAllIdsWithOneHashAscending) {
  const auto [first, second] = kMeetingIds.front();
  put(id_at(first), 3);
  put(id_at(second), 70'000);
  EXPECT_EQ(seqs_of(id_at(first)), Seqs({3, 70'000}));
  ASSERT_TRUE(database_->flush().has_value());
  put(id_at(first), 1ULL << 40);
  EXPECT_EQ(seqs_of(id_at(second)), Seqs({3, 70'000, 1ULL << 40}));
  ASSERT_TRUE(database_->flush().has_value());
  EXPECT_EQ(seqs_of(id_at(second)), Seqs({3, 70'000, 1ULL << 40}));
  ASSERT_TRUE(database_->compact().has_value());
  EXPECT_EQ(seqs_of(id_at(first)), Seqs({3, 70'000, 1ULL << 40}));
  put(id_at(first), (1ULL << 40) + 1);
  EXPECT_EQ(seqs_of(id_at(second)), Seqs({3, 70'000, 1ULL << 40, (1ULL << 40) + 1}));
}

TEST_F(IdIndex, HasAtASnapshotWhatWasPutBefore) {
  const auto [first, second] = kMeetingIds.front();
  put(id_at(first), 3);
  const Snapshot snapshot = database_->snapshot();
  put(id_at(second), 4);
  ASSERT_TRUE(database_->compact().has_value());

  EXPECT_EQ(seqs_of(id_at(second), snapshot), Seqs({3}));
  EXPECT_EQ(seqs_of(id_at(second)), Seqs({3, 4}));
}

TEST_F(IdIndex, KeepsTheIdsOfLogsApart) {
  put("a", 3);

  EXPECT_TRUE(seqs_of_id(*database_, nullptr, 2, "a").value().empty());
}

TEST_F(IdIndex, SaysThatAnEntryIsDamaged) {
  database_->set_has_older_ids();
  const auto check = [&](const base::Bytes& key, base::ByteView value) {
    rocksdb::WriteBatch batch;
    batch.Put(database_->handle(Family::Ids), rocksdb::Slice(key), rocksdb::Slice(value));
    ASSERT_TRUE(database_->write(batch).has_value());
    const auto found = seqs_of_id(*database_, nullptr, 1, "a");
    ASSERT_FALSE(found.has_value()) << base::hex_encode(value);
    EXPECT_EQ(found.error().kind, base::ErrorKind::Corruption);
    EXPECT_EQ(found.error().code, "damaged_ids");
  };
  const std::string too_long(11, '\x80');
  for (const base::ByteView value : std::initializer_list<base::ByteView>{
           "", "\x80", "\x05\x05", "\x07\x03", "\x07\x80", too_long}) {
    check(id_key(1, known_secret(), "a"), value);
  }
  for (const base::ByteView value : std::initializer_list<base::ByteView>{"", "\x80", too_long}) {
    check(text_id_key(1, "a"), value);
  }
}

base::Bytes record_with_id(std::uint64_t seq, const std::string& id) {
  event::Event event = event::make_event("test.action");
  event.id = id;
  return testing::record_bytes(seq, event);
}

// Ids that meet, in a store and through what happens to one.
class MeetingIds : public ::testing::Test {
 protected:
  MeetingIds() {
    testing::make_store_with_known_secret(options_);
    open();
  }
  void open() {
    store_.reset();
    store_ = open_rocksdb_store(options_, ids_).value();
  }
  void apply(Lsn lsn, const std::vector<std::string>& ids) {
    const std::uint64_t size = store_->size(test_log(1));
    ASSERT_TRUE(apply_records(*store_, lsn, test_log(1), ids.size(), [&](std::uint64_t seq) {
                  return record_with_id(seq, ids[seq - size]);
                }).has_value());
  }
  // Asked in every way there is. absent: nothing has it.
  void expect_at(const std::string& id, std::optional<std::uint64_t> seq) {
    const query::Filter has_id = query::equal({event::Field::Id, {}}, id);
    EXPECT_EQ(store_->count(test_log(1), has_id, std::nullopt).value(), seq.has_value() ? 1U : 0U);
    const Page page = store_->find(test_log(1), {.filter = has_id, .limit = 5}).value();
    ASSERT_EQ(page.records.size(), seq.has_value() ? 1U : 0U) << id;
    const auto found = store_->get_by_id(test_log(1), id).value();
    const auto applied = store_->get_applied_by_id(test_log(1), id).value();
    ASSERT_EQ(found.has_value(), seq.has_value()) << id;
    ASSERT_EQ(applied.has_value(), seq.has_value()) << id;
    if (seq.has_value()) {
      EXPECT_EQ(page.records.front().seq(), *seq) << id;
      EXPECT_EQ(found->bytes(), record_with_id(*seq, id));
      EXPECT_EQ(applied->bytes(), record_with_id(*seq, id));
    }
    EXPECT_FALSE(store_->get_applied_by_id(test_log(2), id).value().has_value());
  }

  TempDirectory directory_;
  FeistelIdCipher ids_ = test_ids();
  RocksOptions options_{.directory = directory_.path(), .flush_at_close = false, .indexed_from = 4};
  std::unique_ptr<EventStore> store_;
};

TEST_F(MeetingIds, AreToldApartThroughFlushesRestartsAndCompaction) {
  const auto expect_all = [&](bool with_second) {
    for (std::size_t i = 0; i < kMeetingIds.size(); ++i) {
      expect_at(id_at(kMeetingIds[i].first), i);
      expect_at(id_at(kMeetingIds[i].second),
                with_second ? std::optional(kMeetingIds.size() + i) : std::nullopt);
    }
  };
  std::vector<std::string> first, second;
  for (const auto& [a, b] : kMeetingIds) {
    first.push_back(id_at(a));
    second.push_back(id_at(b));
  }

  apply(1, first);
  expect_all(false);
  ASSERT_TRUE(store_->flush().has_value());
  apply(2, second);
  expect_all(true);
  // What was not flushed is lost, and applied again as the journal does.
  open();
  expect_all(false);
  apply(2, second);
  ASSERT_TRUE(store_->flush().has_value());
  expect_all(true);
  open();
  expect_all(true);
  ASSERT_TRUE(compact_rocksdb_store(*store_).has_value());
  expect_all(true);
  open();
  expect_all(true);
}

TEST_F(MeetingIds, AreFoundTogetherByOneQuery) {
  const auto [a, b] = kMeetingIds.front();
  apply(1, {id_at(a), "x", id_at(b), "y"});

  const query::Filter both =
      query::in({event::Field::Id, {}}, {id_at(b), id_at(a), id_at(kMeetingIds.back().first)});

  EXPECT_EQ(store_->count(test_log(1), both, std::nullopt).value(), 2U);
  EXPECT_EQ(store_->count(test_log(1), both, 2).value(), 1U);
}

TEST_F(MeetingIds, WhoseSeqNoRecordHasAreDamaged) {
  apply(1, {"a", "b", "c", "d"});
  ASSERT_TRUE(store_->flush().has_value());
  store_.reset();
  {
    const auto database = Database::open(options_).value();
    database->set_id_secret(known_secret());
    rocksdb::WriteBatch batch;
    put_id(batch, *database, 0, "e", 4);
    ASSERT_TRUE(database->write(batch).has_value());
    ASSERT_TRUE(database->flush().has_value());
  }
  open();

  for (const auto& found :
       {store_->get_by_id(test_log(1), "e"), store_->get_applied_by_id(test_log(1), "e")}) {
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().kind, base::ErrorKind::Corruption);
    EXPECT_EQ(found.error().code, "damaged_ids");
  }
}

// A store, what a map says of it, and the frames that a journal would still have.
struct StoreAndMap {
  TempDirectory directory;
  FeistelIdCipher ids = test_ids();
  RocksOptions options{.directory = directory.path(), .flush_at_close = false, .indexed_from = 8};
  std::unique_ptr<EventStore> store;
  std::vector<std::vector<base::Bytes>> frames;
  std::map<std::string, std::uint64_t> expected;
  std::uint64_t next_seq = 0;

  void apply(Lsn lsn) {
    std::vector<AppliedRecord> records;
    for (const base::Bytes& bytes : frames[lsn - 1]) {
      records.push_back({.kind = AppliedRecord::Kind::Event, .log = test_log(1), .bytes = bytes});
    }
    RC_ASSERT(store->apply({.lsn = lsn, .records = records}).has_value());
  }
  void add_frame() {
    frames.emplace_back();
    for (int i = *rc::gen::inRange(1, 10); i > 0; --i) {
      const auto& pair = *rc::gen::elementOf(kMeetingIds);
      const std::string id = id_at(*rc::gen::arbitrary<bool>() ? pair.first : pair.second);
      if (expected.emplace(id, next_seq).second) {
        frames.back().push_back(record_with_id(next_seq++, id));
      }
    }
    // A frame has a record at least.
    const std::string other = "other-" + std::to_string(next_seq);
    expected.emplace(other, next_seq);
    frames.back().push_back(record_with_id(next_seq++, other));
    apply(frames.size());
  }
  void restart() {
    store.reset();
    store = open_rocksdb_store(options, ids).value();
    for (Lsn lsn = store->applied_lsn() + 1; lsn <= frames.size(); ++lsn) {
      apply(lsn);
    }
  }
  void check(const std::string& id) {
    const auto there = expected.find(id);
    const auto found = store->get_applied_by_id(test_log(1), id);
    RC_ASSERT(found.has_value());
    RC_ASSERT(found->has_value() == (there != expected.end()));
    if (found->has_value()) {
      RC_ASSERT((*found)->bytes() == record_with_id(there->second, id));
    }
    RC_ASSERT(
        store->count(test_log(1), query::equal({event::Field::Id, {}}, id), std::nullopt).value() ==
        expected.count(id));
  }
};

RC_GTEST_PROP(MeetingIdsProperty, AreFoundAsAMapFindsThem, ()) {
  StoreAndMap run;
  testing::make_store_with_known_secret(run.options);
  run.restart();
  for (int step = *rc::gen::inRange(1, 12); step > 0; --step) {
    run.add_frame();
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        RC_ASSERT(run.store->flush().has_value());
        break;
      case 1:
        run.restart();
        break;
      case 2:
        RC_ASSERT(compact_rocksdb_store(*run.store).has_value());
        break;
      default:
        break;
    }
    for (const auto& [a, b] : kMeetingIds) {
      run.check(id_at(a));
      run.check(id_at(b));
    }
  }
}

// As versions before 7 left it, gone on with by this one.
struct OlderStore {
  std::uint32_t version = 0;
  bool upgraded_before = false;  // from before version 5, so that a part is older still
};

void PrintTo(const OlderStore& store, std::ostream* out) {
  *out << store.version << (store.upgraded_before ? "_upgraded_before" : "");
}

class OlderIds : public ::testing::TestWithParam<OlderStore> {
 protected:
  static constexpr std::uint64_t kOlder = 300;
  static constexpr std::uint64_t kOlderStill = 100;

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
                  return record_with_id(seq, id_of(seq));
                }).has_value());
  }
  // What only this version writes is taken back: hashed ids, their secret, the mark.
  void make_older(const OlderStore& older) {
    const auto database = Database::open(options_).value();
    ASSERT_TRUE(check_format(*database, ids_, true).has_value());
    base::Bytes version_bytes;
    base::put_be32(version_bytes, older.version);
    const base::Bytes version_key = format_key(), secret_key = id_secret_key();
    const base::Bytes mark = older_ids_key();
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(Family::Meta), rocksdb::Slice(version_key), version_bytes);
    batch.Delete(database->handle(Family::Meta), rocksdb::Slice(secret_key));
    if (older.upgraded_before) {
      batch.Put(database->handle(Family::Meta), rocksdb::Slice(mark), rocksdb::Slice());
    }
    for (std::uint64_t seq = 0; seq < kOlder; ++seq) {
      const base::Bytes key = id_key(0, database->id_secret(), id_of(seq));
      batch.Delete(database->handle(Family::Ids), rocksdb::Slice(key));
      const bool as_text = older.version < 5 || (older.upgraded_before && seq < kOlderStill);
      put_as_older(batch, *database,
                   as_text ? text_id_key(0, id_of(seq)) : whole_id_key(0, id_of(seq)), seq,
                   as_text || older.version < 6 ? "digest" : "");
    }
    rocksdb::WriteOptions no_log;
    no_log.disableWAL = true;
    ASSERT_TRUE(database->db().Write(no_log, &batch).ok());
    ASSERT_TRUE(database->flush().has_value());
  }
  void expect_known(std::uint64_t count) {
    for (std::uint64_t seq = 0; seq < count; ++seq) {
      const auto known = store_->get_applied_by_id(test_log(1), id_of(seq)).value();
      ASSERT_TRUE(known.has_value()) << id_of(seq);
      EXPECT_EQ(known->seq(), seq);
      EXPECT_EQ(store_->get_by_id(test_log(1), id_of(seq)).value()->event().id, id_of(seq));
    }
    EXPECT_FALSE(store_->get_applied_by_id(test_log(1), id_of(count)).value().has_value());
    EXPECT_FALSE(store_->get_applied_by_id(test_log(2), id_of(0)).value().has_value());
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
                         ::testing::Values(OlderStore{2}, OlderStore{3}, OlderStore{4},
                                           OlderStore{5}, OlderStore{5, true}, OlderStore{6},
                                           OlderStore{6, true}),
                         ::testing::PrintToStringParamName());

class NewStore : public ::testing::Test {
 protected:
  base::Bytes meta_value(const base::Bytes& key) {
    base::Bytes value;
    const auto database = Database::open(options_).value();
    return database->get_persisted(Family::Meta, key, value).value() ? value : "absent";
  }

  TempDirectory directory_;
  const FeistelIdCipher ids_ = test_ids();
  RocksOptions options_{.directory = directory_.path()};
};

TEST_F(NewStore, HasNoOlderIdsToLookFor) {
  ASSERT_TRUE(open_rocksdb_store(options_, ids_).has_value());
  ASSERT_TRUE(open_rocksdb_store(options_, ids_).has_value());

  EXPECT_EQ(meta_value(older_ids_key()), "absent");
  EXPECT_NE(meta_value(format_key()), "absent");
}

TEST_F(NewStore, HasASecretOfItsOwnForEver) {
  std::set<base::Bytes> secrets;
  for (int i = 0; i < 3; ++i) {
    TempDirectory directory;
    options_.directory = directory.path();
    ASSERT_TRUE(open_rocksdb_store(options_, ids_).has_value());
    const base::Bytes secret = meta_value(id_secret_key());
    EXPECT_EQ(secret.size(), crypto::kKeyedHashKeyBytes);
    secrets.insert(secret);
    ASSERT_TRUE(open_rocksdb_store(options_, ids_).has_value());
    EXPECT_EQ(meta_value(id_secret_key()), secret);
  }
  EXPECT_EQ(secrets.size(), 3U);
}

TEST_F(NewStore, IsNotOpenedWithoutItsSecret) {
  ASSERT_TRUE(open_rocksdb_store(options_, ids_).has_value());
  {
    const auto database = Database::open(options_).value();
    const base::Bytes key = id_secret_key();
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(Family::Meta), rocksdb::Slice(key), "short");
    ASSERT_TRUE(database->write(batch).has_value());
    ASSERT_TRUE(database->flush().has_value());
  }

  const auto store = open_rocksdb_store(options_, ids_);

  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, "damaged_store");
}

}  // namespace
}  // namespace piperoll::store::rocks
