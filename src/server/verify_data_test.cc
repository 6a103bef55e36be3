// The tamper table: what may be done to a data directory behind the server's back, and what is
// found. Changes go past the checksums of the store, as somebody would who knows the format.

#include "server/verify_data.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/temp_directory_test_support.h"
#include "event/event_encoding.h"
#include "server/data_directory.h"
#include "server/engine.h"
#include "server/log_keys.h"
#include "server/small_files.h"
#include "store/id_cipher.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/row_blocks.h"
#include "store/rocksdb/row_codec.h"
#include "tlog/tile.h"

namespace piperoll::server {
namespace {

namespace fs = std::filesystem;
using evidence::Finding;
using evidence::Verdict;
using store::rocks::Database;
using store::rocks::Family;

constexpr std::uint64_t kEvents = 700;
constexpr std::uint64_t kAccesses = 1;  // the making of the organisation, in its access log

class VerifyDataTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> open(const std::string& directory) {
    auto engine = Engine::open({.directory = directory, .server_name = "audit.example"}, clock_);
    EXPECT_TRUE(engine.has_value()) << engine.error().message;
    return *std::move(engine);
  }

  static operation::Reply execute(Engine& engine, operation::Operation operation,
                                  const std::string& org = "") {
    operation::Call call;
    call.surface = "native";
    call.credential = {.kind = auth::Credential::Kind::Trusted};
    if (!org.empty()) {
      call.org = {operation::OrgReference::Place::Query, org};
    }
    call.right = operation::right_of(operation);
    call.operation = std::move(operation);
    return engine.execute(std::move(call));
  }

  static void append(Engine& engine, std::uint64_t events, const std::string& word) {
    operation::AppendEvents inputs;
    for (std::uint64_t i = 0; i < events; ++i) {
      event::Event event = event::make_event("user." + word);
      event.actor.email = "zoe@example.com";
      inputs.batch.add(event);
    }
    const operation::Reply reply = execute(engine, std::move(inputs), "acme");
    ASSERT_TRUE(reply.outcome.has_value()) << reply.outcome.error().message;
  }

  // A directory with one organisation and kEvents events, closed; the checkpoint of its log.
  std::string fill(std::uint64_t events = kEvents) {
    auto engine = open(data_);
    EXPECT_TRUE(
        execute(*engine, operation::CreateOrganisation{.name = "acme", .id = {}, .tenant_id = {}})
            .outcome.has_value());
    append(*engine, events, "update");
    return checkpoint(*engine);
  }

  std::string checkpoint(Engine& engine) {
    log_ = {engine.registry().org_by("acme")->id, event::LogKind::Events};
    EXPECT_TRUE(
        engine.indexer().wait_applied(engine.committer().durable_lsn(), 60'000'000).has_value());
    return engine.publisher()->sign_now(log_).value()->note;
  }

  Finding verify(const std::string& directory, std::optional<std::string> checkpoint = {}) {
    auto found = verify_data({.directory = directory,
                              .checkpoint = std::move(checkpoint),
                              .threads = 2,
                              .progress = {}});
    EXPECT_TRUE(found.has_value()) << found.error().message;
    return found ? *found : Finding{};
  }

  // The store of the closed directory, opened by somebody who changes it.
  void tamper(const std::function<void(Database&, store::rocks::LogNumber)>& change) {
    const store::FeistelIdCipher ids(read_secrets(data_).value().id_key);
    auto database = Database::open({.directory = data_ + "/store"}).value();
    database->set_id_cipher(ids);
    ASSERT_TRUE(store::rocks::load_row_dictionaries(*database).has_value());
    rocksdb::PinnableSlice head;
    ASSERT_TRUE(database->get(Family::Meta, store::rocks::log_key(log_), nullptr, head));
    change(*database, base::load_be32(head.data()));
    ASSERT_TRUE(database->flush().has_value());
  }

  static void put(Database& database, Family family, const base::Bytes& key,
                  const base::Bytes& value) {
    rocksdb::WriteBatch batch;
    batch.Put(database.handle(family), rocksdb::Slice(key), rocksdb::Slice(value));
    ASSERT_TRUE(database.write(batch).has_value());
  }

  // Changes the records of the block that holds seq.
  void change_block(Database& database, store::rocks::LogNumber log, std::uint64_t seq,
                    const std::function<void(std::vector<base::Bytes>&)>& change) const {
    store::rocks::RowReader reader(database, nullptr, log, log_);
    const store::rocks::RowBlock& block = **reader.block(seq);
    std::vector<base::Bytes> records;
    for (std::uint64_t i = block.first_seq(); i < block.end_seq(); ++i) {
      records.emplace_back(block.record(i));
    }
    const std::uint64_t first = block.first_seq();
    change(records);
    std::vector<std::uint32_t> sizes;
    base::Bytes joined;
    for (const base::Bytes& record : records) {
      sizes.push_back(static_cast<std::uint32_t>(record.size()));
      joined += record;
    }
    put(database, Family::Rows, store::rocks::row_block_key(log, first),
        store::rocks::encode_row_block(sizes, joined, nullptr, database.made_ids(log_)).value);
  }

  static void remove_rows(Database& database, store::rocks::LogNumber log, std::uint64_t from,
                          std::uint64_t to) {
    std::vector<base::Bytes> keys;
    {
      const base::Bytes begin = store::rocks::row_block_key(log, from);
      store::rocks::Cursor cursor(database, Family::Rows, nullptr, begin,
                                  store::rocks::row_block_key(log, to));
      for (cursor.seek_first(); cursor.valid(); cursor.next()) {
        keys.emplace_back(cursor.key());
      }
    }
    for (const base::Bytes& key : keys) {
      ASSERT_TRUE(
          database.db().Delete(no_log(), database.handle(Family::Rows), rocksdb::Slice(key)).ok());
    }
  }
  static rocksdb::WriteOptions no_log() {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return options;
  }

  const base::SystemClock clock_;
  // A copy of the filled directory, and the newest checkpoint of what was written after it.
  std::pair<std::string, std::string> back_up_and_write_on() {
    fill();
    const std::string backup = root_ + "/backup";
    fs::copy(data_, backup, fs::copy_options::recursive);
    auto engine = open(data_);
    append(*engine, 30, "delete");
    return {backup, checkpoint(*engine)};
  }

  // Copies what an engine that runs has on disk. A copy during which RocksDB removed or renamed a
  // file is no state that a crash could leave, and is made again.
  void copy_as_a_crash_leaves(const std::string& to) const {
    std::error_code vanished;
    do {
      fs::remove_all(to);
      vanished.clear();
      fs::copy(data_, to, fs::copy_options::recursive, vanished);
    } while (vanished == std::errc::no_such_file_or_directory);
    EXPECT_FALSE(vanished) << vanished.message();
  }

  const base::TempDirectory made_;
  const std::string root_ = made_.path(), data_ = root_ + "/data";
  event::LogId log_;
};

TEST_F(VerifyDataTest, WhatNobodyTouchedIsValid) {
  const std::string known = fill();

  const Finding found = verify(data_, known);

  EXPECT_EQ(found.verdict, Verdict::Valid) << found.detail;
  EXPECT_EQ(found.checked, kEvents + kAccesses);
  EXPECT_EQ(found.detail, "2 logs");
}

TEST_F(VerifyDataTest, WhatACrashLeftInTheJournalCountsToo) {
  fill();
  auto engine = open(data_);
  append(*engine, 50, "create");
  const std::string known = checkpoint(*engine);
  copy_as_a_crash_leaves(root_ + "/copy");

  const Finding found = verify(root_ + "/copy", known);

  EXPECT_EQ(found.verdict, Verdict::Valid) << found.detail;
  EXPECT_EQ(found.checked, kEvents + kAccesses + 50);
}

TEST_F(VerifyDataTest, ALogThatIsInTheJournalAloneIsFoundByItsCheckpoint) {
  auto engine = open(data_);
  ASSERT_TRUE(
      execute(*engine, operation::CreateOrganisation{.name = "acme", .id = {}, .tenant_id = {}})
          .outcome.has_value());
  append(*engine, 20, "create");
  const std::string known = checkpoint(*engine);
  copy_as_a_crash_leaves(root_ + "/copy");

  const Finding found = verify(root_ + "/copy", known);

  EXPECT_EQ(found.verdict, Verdict::Valid) << found.detail;
  EXPECT_EQ(found.checked, kAccesses + 20);
}

TEST_F(VerifyDataTest, AServerThatHasItOpenIsInTheWay) {
  fill();
  const auto engine = open(data_);

  EXPECT_EQ(verify_data({.directory = data_, .checkpoint = {}, .progress = {}}).error().code,
            "locked");
}

TEST_F(VerifyDataTest, AnEmptyDirectoryOfOursIsValidAndAnotherIsMissing) {
  open(data_)->close();
  EXPECT_EQ(verify(data_).verdict, Verdict::Valid);
  fs::create_directory(root_ + "/other");
  EXPECT_EQ(verify(root_ + "/other").verdict, Verdict::Missing);
  fs::remove_all(data_ + "/store");
  EXPECT_EQ(verify(data_).verdict, Verdict::Missing);
}

TEST_F(VerifyDataTest, AValueChangedUnderAnIntactTreeIsFoundAndNamed) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber log) {
    change_block(database, log, 300, [](std::vector<base::Bytes>& records) {
      const std::size_t at = records[3].find("zoe@");
      ASSERT_NE(at, base::Bytes::npos);
      records[3].replace(at, 3, "max");
    });
  });

  const Finding found = verify(data_);

  EXPECT_EQ(found.verdict, Verdict::Invalid);
  ASSERT_TRUE(found.first_bad.has_value());
  EXPECT_EQ(*found.first_bad % 32, 3U);
  EXPECT_EQ(found.checked, *found.first_bad);
}

TEST_F(VerifyDataTest, TwoEventsSwappedAreFound) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber log) {
    change_block(database, log, 64,
                 [](std::vector<base::Bytes>& records) { std::swap(records[0], records[1]); });
  });

  const Finding found = verify(data_);

  EXPECT_NE(found.verdict, Verdict::Valid);
  EXPECT_EQ(found.first_bad, 64U);
}

TEST_F(VerifyDataTest, AHashChangedInTheTreeIsFound) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber log) {
    rocksdb::PinnableSlice value;
    const base::Bytes key = store::rocks::tile_key(log, 0, 1);
    ASSERT_TRUE(database.get(Family::Tree, key, nullptr, value));
    base::Bytes hashes(value.data(), value.size());
    hashes[5 * tlog::kHashBytes] = static_cast<char>(hashes[5 * tlog::kHashBytes] ^ 1);
    put(database, Family::Tree, key, hashes);
  });

  const Finding found = verify(data_);

  EXPECT_EQ(found.verdict, Verdict::Invalid);
  EXPECT_EQ(found.first_bad, 256U + 5U);
}

TEST_F(VerifyDataTest, AHashChangedAboveTheLeavesIsFoundAndItsTileNamed) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber log) {
    rocksdb::PinnableSlice value;
    const base::Bytes key = store::rocks::tile_key(log, 1, 0);
    ASSERT_TRUE(database.get(Family::Tree, key, nullptr, value));
    base::Bytes hashes(value.data(), value.size());
    hashes[tlog::kHashBytes] = static_cast<char>(hashes[tlog::kHashBytes] ^ 1);
    put(database, Family::Tree, key, hashes);
  });

  const Finding found = verify(data_);

  EXPECT_EQ(found.verdict, Verdict::Invalid);
  EXPECT_NE(found.detail.find("tile/1/000.p/2"), std::string::npos) << found.detail;
}

TEST_F(VerifyDataTest, WithoutTheSecretsThatIdsFollowFromItCannotTell) {
  fill();
  const std::string secrets = data_ + "/secrets";
  fs::rename(secrets, root_ + "/kept");
  EXPECT_EQ(verify(data_).verdict, Verdict::Missing);

  fs::create_directory(root_ + "/other");
  { const auto other = DataDirectory::open(root_ + "/other").value(); }
  fs::copy_file(root_ + "/other/secrets", secrets);
  const Finding wrong = verify(data_);
  EXPECT_EQ(wrong.verdict, Verdict::Invalid);
  EXPECT_NE(wrong.detail.find("id_key"), std::string::npos) << wrong.detail;

  fs::remove(secrets);
  fs::rename(root_ + "/kept", secrets);
  EXPECT_EQ(verify(data_).verdict, Verdict::Valid);
}

TEST_F(VerifyDataTest, AByteFlippedInABlockIsFoundAndNamesARowOfIt) {
  fill();
  const auto flip = [&](std::size_t at) {
    tamper([&](Database& database, store::rocks::LogNumber log) {
      rocksdb::PinnableSlice value;
      const base::Bytes key = store::rocks::row_block_key(log, 96);
      ASSERT_TRUE(database.get(Family::Rows, key, nullptr, value));
      base::Bytes block(value.data(), value.size());
      block[at % block.size()] = static_cast<char>(block[at % block.size()] ^ 0x10);
      put(database, Family::Rows, key, block);
    });
  };
  for (const std::size_t at : {0U, 1U, 2U, 3U, 200U, 977U}) {
    flip(at);

    const Finding found = verify(data_);

    EXPECT_EQ(found.verdict, Verdict::Invalid) << at << ": " << found.detail;
    ASSERT_TRUE(found.first_bad.has_value()) << at;
    EXPECT_GE(*found.first_bad, 96U);
    EXPECT_LT(*found.first_bad, 128U);
    flip(at);  // back
  }
  EXPECT_EQ(verify(data_).verdict, Verdict::Valid);
}

TEST_F(VerifyDataTest, ARowWhoseClockWasSetBackIsFoundAndNamed) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber log) {
    change_block(database, log, 288, [](std::vector<base::Bytes>& records) {
      const event::Record record = event::Record::decode(records[4]).value();
      event::RecordHead head = record.head();
      head.recorded_at.micros -= 3'600'000'000;
      event::EventView view = record.event();
      view.id = head.made_id.is_nil() ? view.id : std::string_view();
      records[4].clear();
      event::append_record(records[4], head, event::encode_event(view));
    });
  });

  const Finding found = verify(data_);

  EXPECT_EQ(found.verdict, Verdict::Invalid);
  EXPECT_EQ(found.first_bad, 292U) << found.detail;
  EXPECT_NE(found.detail.find("recorded_at"), std::string::npos) << found.detail;
}

TEST_F(VerifyDataTest, RowsRemovedFromTheMiddleAreAGap) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber log) {
    remove_rows(database, log, 256, 320);
  });

  const Finding found = verify(data_);

  EXPECT_EQ(found.verdict, Verdict::Gap);
  EXPECT_EQ(found.first_bad, 256U);
}

TEST_F(VerifyDataTest, RowsRemovedFromTheEndAreATruncation) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber log) {
    remove_rows(database, log, 512, 100'000);
  });

  const Finding found = verify(data_);

  EXPECT_EQ(found.verdict, Verdict::Truncated);
  EXPECT_EQ(found.first_bad, 512U);
}

TEST_F(VerifyDataTest, AnOldBackupIsATruncationForWhoKeptACheckpoint) {
  const auto [backup, newest] = back_up_and_write_on();

  EXPECT_EQ(verify(backup).verdict, Verdict::Valid);
  EXPECT_EQ(verify(backup, newest).verdict, Verdict::Truncated);
}

TEST_F(VerifyDataTest, AnOldBackupWrittenOnIsAForkForWhoKeptACheckpoint) {
  const auto [backup, newest] = back_up_and_write_on();
  {
    auto engine = open(backup);
    append(*engine, 40, "create");
    checkpoint(*engine);
  }

  EXPECT_EQ(verify(backup).verdict, Verdict::Valid);
  EXPECT_EQ(verify(backup, newest).verdict, Verdict::Forked);
}

TEST_F(VerifyDataTest, AKeyReplacedMakesTheKeptCheckpointInvalid) {
  fill();
  fs::remove(data_ + "/log_keys");
  fs::remove(data_ + "/signing_key");
  ASSERT_TRUE(load_log_keys(data_, "", base::Timestamp{0}).has_value());

  EXPECT_EQ(verify(data_).verdict, Verdict::Invalid);
}

TEST_F(VerifyDataTest, KeysThatWereRotatedVerifyWhatTheySigned) {
  const std::string known = fill();
  ASSERT_TRUE(rotate_log_key(data_, "", base::Timestamp{0}).has_value());

  EXPECT_EQ(verify(data_, known).verdict, Verdict::Valid);
}

TEST_F(VerifyDataTest, AnotherServerNameFitsNoLeaf) {
  fill();
  ASSERT_TRUE(write_small_file(data_ + "/server_name", "other.example\n", 0600).has_value());

  EXPECT_EQ(verify(data_).verdict, Verdict::Invalid);
}

TEST_F(VerifyDataTest, ACheckpointOfAnotherLogIsNoneOfThisOne) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber) {
    put(database, Family::Meta, store::rocks::checkpoint_key(log_),
        "audit.example/00000000-0000-4000-8000-000000000000\n1\n" + std::string(44, 'A') +
            "\n\n\xe2\x80\x94 x AAAAAAAA\n");
  });

  EXPECT_EQ(verify(data_).verdict, Verdict::Invalid);
  EXPECT_EQ(
      verify_data({.directory = data_, .checkpoint = "no checkpoint", .progress = {}}).error().code,
      "foreign_checkpoint");
}

TEST_F(VerifyDataTest, AByteFlippedInAnyFileOfTheStoreIsFoundOrHarmless) {
  fill();
  std::uint64_t found_bad = 0;
  for (const auto& entry : fs::directory_iterator(data_ + "/store")) {
    if (entry.path().extension() != ".sst") {
      continue;
    }
    const std::string copy = root_ + "/flipped";
    fs::copy(data_, copy, fs::copy_options::recursive);
    const fs::path file = fs::path(copy) / "store" / entry.path().filename();
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(40);
    const char byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(40);
    stream.put(byte);
    stream.close();
    const Finding found = verify(copy);
    found_bad += found.verdict == Verdict::Valid ? 0 : 1;
    fs::remove_all(copy);
  }
  // Rows, tree, heads; indexes follow from rows and are not evidence.
  EXPECT_GE(found_bad, 2U);
}

TEST_F(VerifyDataTest, AServerDoesNotWriteOnWhatDoesNotFit) {
  fill();
  tamper([&](Database& database, store::rocks::LogNumber log) {
    change_block(database, log, kEvents - 1, [](std::vector<base::Bytes>& records) {
      const std::size_t at = records.back().find("zoe@");
      records.back().replace(at, 3, "max");
    });
  });

  auto engine = open(data_);

  EXPECT_EQ(engine->ready().error().code, "tree_mismatch");
  operation::AppendEvents one;
  one.batch.add(event::make_event("a"));
  const operation::Reply refused = execute(*engine, std::move(one), "acme");
  EXPECT_EQ(refused.outcome.error().code, "tree_mismatch");
  EXPECT_TRUE(execute(*engine, operation::ListOrganisations{}).outcome.has_value());
}

// The end of the journal of a crashed server cut off: everything written since is gone, but for
// what was published.
TEST_F(VerifyDataTest, AJournalCutAfterACrashIsNoticedWithoutAnybodysCheckpoint) {
  fill();
  const std::string cut = root_ + "/cut";
  {
    auto engine = open(data_);
    append(*engine, 20, "create");
    checkpoint(*engine);
    fs::copy(data_, cut, fs::copy_options::recursive);
    append(*engine, 30, "delete");
    checkpoint(*engine);
    fs::copy(data_ + "/published", cut + "/published", fs::copy_options::overwrite_existing);
  }

  const Finding found = verify(cut);
  EXPECT_EQ(found.verdict, Verdict::Truncated) << found.detail;
  EXPECT_EQ(found.first_bad, kEvents + 20);

  auto engine = open(cut);
  EXPECT_EQ(engine->ready().error().code, "tree_mismatch");
  EXPECT_NE(engine->ready().error().message.find("has 720 events, and a checkpoint of 750"),
            std::string::npos)
      << engine->ready().error().message;
}

TEST_F(VerifyDataTest, WhatACrashLeavesIsNeverTakenForACut) {
  fill();
  auto engine = open(data_);
  for (int i = 0; i < 2; ++i) {
    append(*engine, 7, "create");
    checkpoint(*engine);
    const std::string copy = root_ + "/copy" + std::to_string(i);
    copy_as_a_crash_leaves(copy);

    EXPECT_EQ(verify(copy).verdict, Verdict::Valid);
    EXPECT_TRUE(open(copy)->ready().has_value());
  }
}

TEST_F(VerifyDataTest, AnOldBackupWrittenOnIsAForkWhereThePublishedFileStayed) {
  const auto [backup, newest] = back_up_and_write_on();
  {
    auto engine = open(backup);
    append(*engine, 40, "create");
    checkpoint(*engine);
  }
  fs::copy(data_ + "/published", backup + "/published", fs::copy_options::overwrite_existing);

  EXPECT_EQ(verify(backup).verdict, Verdict::Forked);
  auto engine = open(backup);
  EXPECT_EQ(engine->ready().error().code, "tree_mismatch");
  EXPECT_NE(engine->ready().error().message.find("written on"), std::string::npos);
}

TEST_F(VerifyDataTest, APublishedFileThatIsDamagedIsSaidAndStopsWriting) {
  fill();
  ASSERT_TRUE(write_small_file(data_ + "/published", "something else", 0600).has_value());

  EXPECT_EQ(verify(data_).verdict, Verdict::Invalid);
  EXPECT_NE(verify(data_).detail.find("published"), std::string::npos);
  EXPECT_EQ(open(data_)->ready().error().code, "tree_mismatch");
}

TEST_F(VerifyDataTest, WhoAcceptsALossGoesOnAndKeepsWhatWasPublishedAside) {
  const auto [backup, newest] = back_up_and_write_on();
  fs::copy(data_ + "/published", backup + "/published", fs::copy_options::overwrite_existing);

  {
    auto engine =
        Engine::open(
            {.directory = backup, .server_name = "audit.example", .accept_lost_journal = true},
            clock_)
            .value();
    EXPECT_TRUE(engine->ready().has_value());
    append(*engine, 40, "create");
    checkpoint(*engine);
  }

  EXPECT_TRUE(fs::exists(backup + "/published.given_up"));
  EXPECT_EQ(verify(backup).verdict, Verdict::Valid);
  EXPECT_EQ(verify(backup, newest).verdict, Verdict::Forked) << "for whoever kept a checkpoint";
}

}  // namespace
}  // namespace piperoll::server
