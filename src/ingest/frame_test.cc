#include "ingest/frame.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/event_encoding.h"

namespace piperoll::ingest {
namespace {

base::Uuid uuid_of(std::uint8_t byte) {
  base::Uuid id;
  id.bytes.fill(byte);
  return id;
}

base::Bytes frame_of_two() {
  base::Bytes frame;
  begin_frame(frame);
  event::Event event = event::make_event("a");
  event.id = "e";
  add_event(frame, {uuid_of(1), event::LogKind::Access}, {.seq = 5, .recorded_at = {7}},
            event::encode_event(event::view_of(event)));
  add_control(frame, "control");
  return frame;
}

TEST(Frame, RecordsComeBackInOrder) {
  const base::Bytes frame = frame_of_two();
  std::vector<store::AppliedRecord> records;

  ASSERT_TRUE(read_frame(frame, records));

  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].kind, store::AppliedRecord::Kind::Event);
  EXPECT_EQ(records[0].log, (event::LogId{uuid_of(1), event::LogKind::Access}));
  EXPECT_EQ(event::Record::decode(records[0].bytes)->seq(), 5U);
  EXPECT_EQ(records[1].kind, store::AppliedRecord::Kind::Control);
  EXPECT_EQ(records[1].bytes, "control");
}

TEST(Frame, BytesAreThoseOfTheTable) {
  base::Bytes frame;
  begin_frame(frame);
  add_control(frame, "abc");
  EXPECT_EQ(base::hex_encode(frame),
            "01"
            "02"
            "03"
            "616263");

  const base::Bytes two = frame_of_two();
  EXPECT_EQ(base::hex_encode(two.substr(0, 24)),
            "01"
            "01"
            "01010101010101010101010101010101"
            "01"
            "00"
            "0000003c");
}

TEST(Frame, DigestsOfOlderOnesAreSkipped) {
  base::Bytes frame = frame_of_two();
  const std::size_t digest_at = 1 + 1 + 16 + 1;
  frame.replace(digest_at, 1, "\6digest");
  std::vector<store::AppliedRecord> records;

  ASSERT_TRUE(read_frame(frame, records));

  EXPECT_EQ(event::Record::decode(records[0].bytes)->seq(), 5U);
}

TEST(Frame, AnEmptyFrameHasNoRecords) {
  base::Bytes frame;
  begin_frame(frame);
  std::vector<store::AppliedRecord> records;

  EXPECT_TRUE(read_frame(frame, records));
  EXPECT_TRUE(records.empty());
}

TEST(Frame, CutsAreDamageAndHigherVersionsAreNewer) {
  const base::Bytes frame = frame_of_two();
  std::vector<store::AppliedRecord> records;
  std::size_t good = 0;
  for (std::size_t length = 0; length < frame.size(); ++length) {
    good += read_frame(frame.substr(0, length), records) ? 1U : 0U;
  }
  EXPECT_EQ(good, 2U);  // after the version, and between the two records

  base::Bytes newer = frame;
  newer[0] = 2;
  EXPECT_EQ(read_frame(newer, records).error().code, "newer_format");
  newer[0] = 0;
  EXPECT_EQ(read_frame(newer, records).error().kind, base::ErrorKind::Corruption);
}

RC_GTEST_PROP(Frame, RandomBytesNeverLeadOutside, (std::string bytes)) {
  std::vector<store::AppliedRecord> records;
  if (read_frame(bytes, records)) {
    for (const store::AppliedRecord& record : records) {
      RC_ASSERT(record.bytes.empty() ||
                (record.bytes.data() >= bytes.data() &&
                 record.bytes.data() + record.bytes.size() <= bytes.data() + bytes.size()));
    }
  }
}

}  // namespace
}  // namespace piperoll::ingest
