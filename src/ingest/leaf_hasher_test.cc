#include "ingest/leaf_hasher.h"

#include <gtest/gtest.h>

#include "event/event_encoding.h"
#include "evidence/origin.h"

namespace piperoll::ingest {
namespace {

using store::AppliedRecord;

event::LogId log_of(std::uint8_t number, event::LogKind kind = event::LogKind::Events) {
  event::LogId log{.kind = kind};
  log.org.bytes[15] = number;
  return log;
}

// Records with ids of both sorts.
base::Bytes record_of(std::uint64_t seq) {
  event::Event event = event::make_event("action-" + std::to_string(seq));
  event::RecordHead head{.seq = seq, .recorded_at = {1'700'000'000'000'000}};
  head.seed.bytes[3] = static_cast<std::uint8_t>(seq);
  if (seq % 2 == 0) {
    event.id = "id-" + std::to_string(seq);
  } else {
    head.made_id.bytes.fill(static_cast<std::uint8_t>(seq));
  }
  base::Bytes bytes;
  event::append_record(bytes, head, event::encode_event(event::view_of(event)));
  return bytes;
}

TEST(LeafHasher, HashesEachRecordInItsOwnLog) {
  const event::LogId logs[] = {log_of(2), log_of(1), log_of(1, event::LogKind::Access)};
  std::vector<base::Bytes> bytes;
  for (std::uint64_t i = 0; i < 100; ++i) {
    bytes.push_back(record_of(i));
  }
  std::vector<AppliedRecord> records;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    records.push_back({.log = logs[i % 3], .bytes = bytes[i]});
    if (i % 10 == 0) {
      records.push_back({.kind = AppliedRecord::Kind::Control, .bytes = "no record"});
    }
  }
  std::vector<tlog::Hash> leaves(records.size());

  LeafHasher hasher("audit.example");
  ASSERT_TRUE(hasher.hash(records, leaves).has_value());

  evidence::LeafMaker maker;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].kind == AppliedRecord::Kind::Control) {
      EXPECT_EQ(leaves[i], tlog::Hash{});
      continue;
    }
    std::array<char, 36> id;
    const event::RecordView view = event::decode_record(records[i].bytes, id).value();
    EXPECT_EQ(leaves[i],
              maker.leaf_hash(evidence::origin_of("audit.example", records[i].log), view));
  }
}

TEST(LeafHasher, GoesOnAfterARecordThatCannotBeRead) {
  const base::Bytes good = record_of(4);
  const AppliedRecord damaged[] = {{.log = log_of(1), .bytes = good},
                                   {.log = log_of(1), .bytes = "damaged"}};
  tlog::Hash hashes[2];
  LeafHasher hasher("audit.example");

  EXPECT_EQ(hasher.hash(damaged, hashes).error().kind, base::ErrorKind::Corruption);
  ASSERT_TRUE(hasher.hash(std::span(damaged).first(1), std::span(hashes).first(1)).has_value());

  tlog::Hash expected;
  ASSERT_TRUE(LeafHasher("audit.example")
                  .hash(std::span(damaged).first(1), std::span(&expected, 1))
                  .has_value());
  EXPECT_EQ(hashes[0], expected);
}

}  // namespace
}  // namespace piperoll::ingest
