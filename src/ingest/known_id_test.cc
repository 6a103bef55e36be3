#include "ingest/known_id.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "event/event_encoding.h"
#include "store/id_cipher.h"
#include "store/memory/memory_store.h"
#include "store/rocksdb/testing/meeting_ids.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::ingest {
namespace {

base::Bytes encoded(const event::Event& event) {
  return event::encode_event(event::view_of(event));
}

event::Event event_at(std::int64_t micros) {
  event::Event event = event::make_event("user.create");
  event.id = "chosen";
  event.occurred_at = base::Timestamp{micros};
  return event;
}

// A store with an event whose id was chosen and one whose id was made.
class KnownIds : public ::testing::Test {
 protected:
  KnownIds() {
    base::Bytes chosen, made;
    event::append_record(chosen, {.seq = 0, .recorded_at = {9}}, encoded(event_at(5)));
    made_id_.bytes.fill(7);
    event::append_record(made, {.seq = 1, .recorded_at = {9}, .made_id = made_id_},
                         encoded(event::make_event("user.delete")));
    const std::vector<store::AppliedRecord> records = {{.log = log_, .bytes = chosen},
                                                       {.log = log_, .bytes = made}};
    EXPECT_TRUE(store_->apply({.lsn = 1, .records = records}));
  }
  std::optional<KnownId> find(const std::string& id, const event::Event& event) {
    return find_known_id(*store_, log_, id, encoded(event)).value();
  }

  const event::LogId log_;
  base::Uuid made_id_;
  store::FeistelIdCipher ids_{std::string(32, 'k')};
  std::unique_ptr<store::EventStore> store_ = store::memory::make_memory_store(ids_);
};

TEST_F(KnownIds, NobodyHasANewOne) {
  EXPECT_FALSE(find("other", event_at(5)).has_value());
}

TEST_F(KnownIds, TheSameContentIsTheSame) {
  const std::optional<KnownId> known = find("chosen", event_at(5));

  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known->seq, 0U);
  EXPECT_TRUE(known->same_content);
}

TEST_F(KnownIds, AnyOtherMemberIsOtherContent) {
  event::Event other = event_at(5);
  other.metadata = R"({"x":1})";

  EXPECT_FALSE(find("chosen", other)->same_content);
  EXPECT_FALSE(find("chosen", event_at(6))->same_content);
}

TEST_F(KnownIds, ATimeThatWasLeftOutIsNotCompared) {
  event::Event none = event_at(5);
  none.occurred_at.reset();

  EXPECT_TRUE(find("chosen", none)->same_content);
}

TEST_F(KnownIds, IdsThatTheServerMadeAreKnownToo) {
  const std::string id = made_id_.to_string();
  event::Event again = event::make_event("user.delete");
  again.id = id;

  EXPECT_EQ(find(id, again)->seq, 1U);
  EXPECT_TRUE(find(id, again)->same_content);
  EXPECT_FALSE(find(id, event_at(5))->same_content);
}

// Their index keeps the same bytes for both (docs/formats/store.md).
TEST(IdsThatMeet, AreNewDuplicatesOrConflictsEachForItself) {
  namespace rocks = store::rocks;
  const rocks::testing::TempDirectory directory;
  const rocks::RocksOptions options{.directory = directory.path()};
  rocks::testing::make_store_with_known_secret(options);
  const store::FeistelIdCipher ids = rocks::testing::test_ids();
  const auto store = rocks::open_rocksdb_store(options, ids).value();
  const event::LogId log = rocks::testing::test_log(1);
  const auto find = [&](const std::string& id, std::int64_t micros) {
    return find_known_id(*store, log, id, encoded(event_at(micros))).value();
  };
  for (const auto& [first, second] : rocks::testing::kMeetingIds) {
    const std::string a = rocks::testing::id_at(first), b = rocks::testing::id_at(second);
    const std::uint64_t size = store->size(log);
    const auto apply = [&](const std::string& id, std::int64_t micros) {
      event::Event event = event_at(micros);
      event.id = id;
      ASSERT_TRUE(rocks::testing::apply_records(
          *store, store->size(log) + 1, log, 1,
          [&](std::uint64_t seq) { return rocks::testing::record_bytes(seq, event); }));
    };

    apply(a, 5);
    EXPECT_FALSE(find(b, 5).has_value());
    apply(b, 6);

    EXPECT_EQ(find(a, 5)->seq, size);
    EXPECT_TRUE(find(a, 5)->same_content);
    EXPECT_FALSE(find(a, 6)->same_content);
    EXPECT_EQ(find(b, 6)->seq, size + 1);
    EXPECT_TRUE(find(b, 6)->same_content);
    EXPECT_FALSE(find(b, 5)->same_content);
  }
}

}  // namespace
}  // namespace piperoll::ingest
