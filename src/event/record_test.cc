#include "event/record.h"

#include <fstream>
#include <numeric>
#include <sstream>
#include <unordered_set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/event_encoding.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::event {
namespace {

const base::Uuid kMadeId = base::parse_uuid("01234567-89ab-7def-8123-456789ABCDEF").value();

RecordHead some_head() {
  RecordHead head;
  head.seq = 0x0102030405060708;
  head.recorded_at = Timestamp{1'767'323'045'700'000};
  std::iota(head.seed.bytes.begin(), head.seed.bytes.end(), std::uint8_t{0});
  return head;
}

base::Bytes record_bytes(const RecordHead& head, const Event& event) {
  base::Bytes out;
  append_record(out, head, encode_event(view_of(event)));
  return out;
}

base::Bytes made_record_bytes() {
  RecordHead head = some_head();
  head.made_id = kMadeId;
  return record_bytes(head, make_event("user.login"));
}

base::Bytes chosen_record_bytes() {
  Event event = make_event("user.login");
  event.id = "e-1";
  return record_bytes(some_head(), event);
}

void expect_equal(const RecordHead& a, const RecordHead& b) {
  EXPECT_EQ(a.seq, b.seq);
  EXPECT_EQ(a.recorded_at, b.recorded_at);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.made_id, b.made_id);
}

std::string golden(const std::string& name) {
  std::ifstream file(PIPEROLL_SOURCE_DIR "/src/event/testdata/" + name);
  std::string text, line;
  while (std::getline(file, line)) {
    text += line;
  }
  return text;
}

// Version 2 differs in what the 32 bytes of the seed are, so its files do in one byte.
base::Bytes with_seed_key(base::Bytes record) {
  record[0] = 2;
  return record;
}

// Encodings are permanent: the files are never made anew.
TEST(RecordFormat, MatchesTheGoldenFiles) {
  EXPECT_EQ(base::hex_encode(made_record_bytes()), golden("record-v1-made-id.hex"));
  EXPECT_EQ(base::hex_encode(chosen_record_bytes()), golden("record-v1-chosen-id.hex"));
  RecordHead head = some_head();
  head.seed.is_key = true;
  Event event = make_event("user.login");
  event.id = "e-1";
  EXPECT_EQ(base::hex_encode(record_bytes(head, event)), golden("record-v2-chosen-id.hex"));
}

TEST(Record, TellsASeedFromAKey) {
  const RecordHead own = Record::decode(chosen_record_bytes())->head();
  const RecordHead shared = Record::decode(with_seed_key(chosen_record_bytes()))->head();

  EXPECT_FALSE(own.seed.is_key);
  EXPECT_TRUE(shared.seed.is_key);
  EXPECT_EQ(shared.seed.bytes, own.seed.bytes);
}

TEST(Record, KeepsHeadAndEvent) {
  Record record = Record::decode(chosen_record_bytes()).value();

  expect_equal(record.head(), some_head());
  EXPECT_EQ(record.seq(), some_head().seq);
  EXPECT_EQ(record.event().id, "e-1");
  EXPECT_EQ(record.event().action, "user.login");
  EXPECT_EQ(record.bytes(), chosen_record_bytes());
}

TEST(Record, ShowsAMadeIdAsText) {
  Record record = Record::decode(made_record_bytes()).value();

  EXPECT_EQ(record.head().made_id, kMadeId);
  EXPECT_EQ(record.event().id, "01234567-89ab-7def-8123-456789abcdef");
  EXPECT_EQ(record.event().id, kMadeId.to_string());
}

TEST(Record, OccurredWhenItWasRecordedUnlessItSaysOtherwise) {
  Event event = make_event("a");
  event.id = "e";
  EXPECT_EQ(Record::decode(record_bytes(some_head(), event))->occurred_at(),
            some_head().recorded_at);

  event.occurred_at = Timestamp{7};
  EXPECT_EQ(Record::decode(record_bytes(some_head(), event))->occurred_at(), Timestamp{7});
}

TEST(Record, ViewsSurviveMovesAndCopies) {
  Record first = Record::decode(made_record_bytes()).value();
  const char* action = first.event().action.data();

  Record moved = std::move(first);
  EXPECT_EQ(moved.event().action.data(), action) << "a move takes the block along";
  EXPECT_EQ(moved.event().id, kMadeId.to_string());

  Record copy = moved;
  EXPECT_NE(copy.event().action.data(), action);
  EXPECT_EQ(copy.event(), moved.event());
  moved = Record::decode(chosen_record_bytes()).value();
  EXPECT_EQ(copy.event().id, kMadeId.to_string()) << "a copy has its own block";
  EXPECT_EQ(copy.bytes(), made_record_bytes());

  copy = moved;
  EXPECT_EQ(copy.event().id, "e-1");
  const Record& same = copy;
  copy = same;
  EXPECT_EQ(copy.event().id, "e-1");

  std::vector<Record> records;
  for (int i = 0; i < 20; ++i) {
    records.push_back(Record::decode(made_record_bytes()).value());
  }
  EXPECT_EQ(records.front().event().id, kMadeId.to_string());
}

TEST(RecordView, ShowsWhatTheRecordShows) {
  Record record = Record::decode(made_record_bytes()).value();
  RecordView view = view_of(record);
  std::array<char, 36> scratch{};
  base::Bytes bytes = made_record_bytes();
  RecordView decoded = decode_record(bytes, scratch).value();

  EXPECT_EQ(view.event, record.event());
  EXPECT_EQ(decoded.event, record.event());
  EXPECT_EQ(decoded.event.id.data(), scratch.data());
  expect_equal(decoded.head, record.head());
  EXPECT_EQ(decoded.occurred_at(), record.occurred_at());
}

TEST(Record, RefusesDamage) {
  base::Bytes made = made_record_bytes(), chosen = chosen_record_bytes();
  auto with = [](base::Bytes bytes, std::size_t at, std::string_view change) {
    return bytes.replace(at, change.size(), change);
  };
  base::Bytes nil_id(16, '\0');
  RecordHead head_with_id = some_head();
  head_with_id.made_id = kMadeId;
  base::Bytes both = chosen, neither = made;
  both.insert(50, kMadeId.as_bytes());
  both[1] = 1;
  neither.erase(50, 16);
  neither[1] = 0;
  const std::pair<const char*, base::Bytes> cases[] = {
      {"empty", ""},
      {"version alone", "\x01"},
      {"version 0", with(made, 0, std::string_view("\0", 1))},
      {"unknown flag", with(made, 1, "\x02")},
      {"unknown flag beside the known", with(made, 1, "\x03")},
      {"head alone", made.substr(0, 66)},
      {"half a head", made.substr(0, 49)},
      {"half a made id", made.substr(0, 60)},
      {"nil as made id", with(made, 50, nil_id)},
      {"recorded before 1970", with(made, 10, "\xff")},
      {"recorded after 9999", with(made, 10, "\x04")},
      {"two ids", both},
      {"no id", neither},
      {"damaged event", with(made, 66, std::string_view("\0", 1))},
      {"trailing byte", made + "x"},
      {"cut", made.substr(0, made.size() - 1)},
  };
  for (const auto& [name, bytes] : cases) {
    auto record = Record::decode(bytes);
    ASSERT_FALSE(record.has_value()) << name;
    EXPECT_EQ(record.error().kind, base::ErrorKind::Corruption) << name;
    std::array<char, 36> scratch;
    EXPECT_FALSE(decode_record(bytes, scratch).has_value()) << name;
  }
}

TEST(Record, SaysThatAFormatIsNewer) {
  base::Bytes bytes = made_record_bytes();
  bytes[0] = 3;
  EXPECT_EQ(Record::decode(bytes).error().code, "newer_format");
  bytes = made_record_bytes();
  bytes[66] = 2;  // of the event
  EXPECT_EQ(Record::decode(bytes).error().code, "newer_format");
}

RC_GTEST_PROP(Record, DecodesToWhatWasAppended, ()) {
  Event event = *arbitrary_event();
  RecordHead head = some_head();
  head.seq = *rc::gen::arbitrary<std::uint64_t>();
  head.recorded_at = *arbitrary::time();
  head.seed.is_key = *rc::gen::arbitrary<bool>();
  if (event.id.empty()) {
    head.made_id = kMadeId;
  }
  Record record = Record::decode(record_bytes(head, event)).value();
  expect_equal(record.head(), head);
  Event expected = event;
  if (event.id.empty()) {
    expected.id = kMadeId.to_string();
  }
  RC_ASSERT(own(record.event()) == expected);
  Record copy = record;
  RC_ASSERT(copy.event() == record.event());
}

RC_GTEST_PROP(Record, SurvivesAnyBytes, (const std::string& tail)) {
  base::Bytes bytes = made_record_bytes();
  auto keep = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
  base::Bytes cut = bytes.substr(0, keep) + tail;
  std::vector<char> block(cut.begin(), cut.end());
  std::array<char, 36> scratch;
  auto decoded = decode_record({block.data(), block.size()}, scratch);
  RC_ASSERT(decoded.has_value() == Record::decode(cut).has_value());
}

TEST(LogIdHash, TellsTheLogsOfAnOrganisationApart) {
  LogId events{kMadeId, LogKind::Events}, access{kMadeId, LogKind::Access};
  EXPECT_NE(LogIdHash{}(events), LogIdHash{}(access));
  std::unordered_set<LogId, LogIdHash> set = {events, access, events};
  EXPECT_EQ(set.size(), 2U);
}

}  // namespace
}  // namespace piperoll::event
