#include "event/record_parts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/uuid.h"
#include "event/event_encoding.h"
#include "event/record.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::event {
namespace {

const std::string kUuidText = "01234567-89ab-7def-8123-456789abcdef";
const base::Uuid kUuid = base::parse_uuid(kUuidText).value();

// id empty: a made one.
base::Bytes record_with(const std::string& id, const std::string& action = "user.login") {
  Event event = make_event(action);
  event.id = id;
  RecordHead head{.seq = 7, .recorded_at = Timestamp{1'767'323'045'700'000}};
  head.seed.bytes.fill('S');
  head.made_id = id.empty() ? kUuid : base::Uuid{};
  base::Bytes out;
  append_record(out, head, encode_event(view_of(event)));
  return out;
}

struct Parts {
  RandomPart part;
  base::Bytes random, rest;
};
Parts divided(base::ByteView bytes) {
  Parts parts{};
  parts.part = divide_record(bytes, parts.random, parts.rest);
  return parts;
}

// What comes back; behind it what was there before.
base::Bytes joined(const Parts& parts) {
  base::Bytes out = "before";
  EXPECT_TRUE(join_record(out, parts.part, parts.random, parts.rest));
  EXPECT_EQ(out.substr(0, 6), "before");
  return out.substr(6);
}

bool comes_back(base::ByteView bytes) {
  const Parts parts = divided(bytes);
  base::Bytes out;
  return parts.random.size() == size_of(parts.part) &&
         bytes.size() <= parts.random.size() + parts.rest.size() + kBytesOfTextMax &&
         join_record(out, parts.part, parts.random, parts.rest) && out == bytes;
}

TEST(RecordParts, TakesTheSeedAndAMadeIdOut) {
  const base::Bytes record = record_with("");

  const Parts parts = divided(record);

  EXPECT_EQ(parts.part, RandomPart::SeedAndMadeId);
  EXPECT_EQ(parts.random, std::string(32, 'S') + std::string(kUuid.as_bytes()));
  EXPECT_EQ(parts.rest, record.substr(0, 18) + record.substr(66));
  EXPECT_EQ(joined(parts), record);
}

TEST(RecordParts, TakesAChosenIdOutThatIsAUuid) {
  const base::Bytes record = record_with(kUuidText);
  const std::size_t at = record.find(kUuidText);

  const Parts parts = divided(record);

  EXPECT_EQ(parts.part, RandomPart::SeedAndChosenId);
  EXPECT_EQ(parts.random, std::string(32, 'S') + std::string(kUuid.as_bytes()));
  EXPECT_EQ(parts.rest, record.substr(0, 18) + record.substr(50, at - 50) + record.substr(at + 36));
  EXPECT_EQ(joined(parts), record);
}

TEST(RecordParts, TakesTheKeyOfASeedOutAsASeed) {
  base::Bytes record = record_with("");
  record[0] = 2;

  const Parts parts = divided(record);

  EXPECT_EQ(parts.part, RandomPart::SeedAndMadeId);
  EXPECT_EQ(parts.random.substr(0, 32), std::string(32, 'S'));
  EXPECT_EQ(parts.rest[0], 2);
  EXPECT_EQ(joined(parts), record);
}

TEST(RecordParts, LeavesEveryOtherIdWhereItIs) {
  for (const std::string& id :
       {std::string("e-1"), std::string("01234567-89AB-7def-8123-456789abcdef"),
        std::string("g1234567-89ab-7def-8123-456789abcdef"), std::string(36, 'a'), kUuidText + "0",
        kUuidText.substr(1)}) {
    const base::Bytes record = record_with(id);
    const Parts parts = divided(record);
    EXPECT_EQ(parts.part, RandomPart::Seed) << id;
    EXPECT_EQ(parts.random, std::string(32, 'S'));
    EXPECT_EQ(joined(parts), record);
  }
}

TEST(RecordParts, FindsTheIdBehindActionsOfAnyLength) {
  for (const std::size_t length : {1U, 36U, 127U, 128U, 200U}) {
    const base::Bytes record = record_with(kUuidText, std::string(length, 'a'));
    EXPECT_EQ(divided(record).part, RandomPart::SeedAndChosenId) << length;
    EXPECT_TRUE(comes_back(record)) << length;
  }
}

TEST(RecordParts, LeaveWhatIsNoRecordWhole) {
  base::Bytes newer = record_with("");
  newer[0] = 3;
  base::Bytes flagged = record_with("");
  flagged[1] = 2;
  for (const base::Bytes& bytes :
       {base::Bytes(), base::Bytes("\x01"), record_with("").substr(0, 65),
        record_with(kUuidText).substr(0, 49), newer, flagged, base::Bytes(1000, '\0')}) {
    const Parts parts = divided(bytes);
    EXPECT_EQ(parts.part, RandomPart::Nothing);
    EXPECT_EQ(parts.rest, bytes);
    EXPECT_EQ(joined(parts), bytes);
  }
}

TEST(RecordParts, ComeBackWhereARecordIsCutAnywhere) {
  for (const base::Bytes& record :
       {record_with(""), record_with(kUuidText), record_with(kUuidText, std::string(130, 'a'))}) {
    for (std::size_t size = 0; size <= record.size(); ++size) {
      EXPECT_TRUE(comes_back(base::ByteView(record).substr(0, size))) << size;
    }
  }
}

TEST(RecordParts, AreRefusedWhereNoRecordHasThem) {
  const Parts chosen = divided(record_with(kUuidText));
  const Parts made = divided(record_with(""));
  const Parts seed = divided(record_with("e-1"));
  base::Bytes out = "before";

  EXPECT_FALSE(join_record(out, RandomPart::Seed, seed.random, seed.rest.substr(0, 17)));
  EXPECT_FALSE(join_record(out, RandomPart::SeedAndMadeId, made.random, ""));
  EXPECT_FALSE(join_record(out, RandomPart::SeedAndChosenId, chosen.random, made.rest));
  EXPECT_FALSE(join_record(out, RandomPart::SeedAndChosenId, chosen.random, seed.rest));
  EXPECT_FALSE(
      join_record(out, RandomPart::SeedAndChosenId, chosen.random, chosen.rest.substr(0, 20)));

  EXPECT_EQ(out, "before");
}

// uuid_text_at() against the whole decoder, for what decodes.
RC_GTEST_PROP(RecordParts, FindTheIdThatTheRecordHas, ()) {
  Event event = *arbitrary_event();
  if (*rc::gen::arbitrary<bool>()) {
    event.id =
        base::Uuid::from_bytes(*rc::gen::container<std::string>(16, rc::gen::arbitrary<char>()))
            .to_string();
  }
  RecordHead head;
  head.made_id = event.id.empty() ? kUuid : base::Uuid{};
  base::Bytes bytes;
  append_record(bytes, head, encode_event(view_of(event)));

  std::array<char, 36> scratch;
  const RecordView record = decode_record(bytes, scratch).value();
  const Parts parts = divided(bytes);
  const std::optional<base::Uuid> id = base::parse_canonical_uuid(record.event.id);
  RC_ASSERT(parts.part == (!id.has_value()    ? RandomPart::Seed
                           : event.id.empty() ? RandomPart::SeedAndMadeId
                                              : RandomPart::SeedAndChosenId));
  RC_ASSERT((!id.has_value() || parts.random.substr(32) == id->as_bytes()));
  const std::optional<std::size_t> at = uuid_text_at(base::ByteView(bytes).substr(50));
  RC_ASSERT((event.id.size() != 36 || bytes.data() + 50 + at.value() == record.event.id.data()));
  RC_ASSERT(comes_back(bytes));
}

RC_GTEST_PROP(RecordParts, ComeBackWhateverTheyWere, (std::string noise)) {
  base::Bytes bytes = record_with(*rc::gen::element<std::string>("", "e-1", kUuidText),
                                  std::string(*rc::gen::inRange<std::size_t>(1, 300), 'a'));
  for (const char c : noise) {
    const auto at = *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(bytes.size(), 120));
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        bytes[at] = c;
        break;
      case 1:
        bytes.insert(at, 1, c);
        break;
      default:
        bytes.erase(at, 1);
    }
    RC_ASSERT(comes_back(bytes));
  }
  RC_ASSERT(comes_back(noise));
  RC_ASSERT(comes_back("\x01" + std::string(1, '\0') + noise));
}

}  // namespace
}  // namespace piperoll::event
