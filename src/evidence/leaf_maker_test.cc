#include "evidence/leaf_maker.h"

#include <set>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/json.h"
#include "event/testing/event_arbitrary.h"
#include "evidence/leaf_sample_test_support.h"

namespace piperoll::evidence {
namespace {

std::string hex(const tlog::Hash& hash) {
  return base::hex_encode(tlog::as_bytes(hash));
}

TEST(LeafMaker, GivesTheVector) {
  const event::Event event = sample_event();
  LeafMaker maker;

  const LeafTexts texts = maker.texts(kSampleOrigin, sample_record(event));

  std::string digests;
  for (const Slot slot : kSlots) {
    const SampleSlot& expected = kSampleSlots[index_of(slot)];
    const std::string& disclosure = texts.disclosures[index_of(slot)];
    EXPECT_EQ(disclosure, expected.disclosure) << name_of(slot);
    EXPECT_EQ(disclosure.empty() ? maker.absent_digest(sample_head().seed.bytes, slot)
                                 : disclosure_digest(disclosure),
              expected.digest);
    if (!disclosure.empty()) {
      EXPECT_EQ(maker.salt(sample_head().seed.bytes, slot), expected.salt);
    }
    digests += (digests.empty() ? "\"" : ",\"") + std::string(expected.digest) + "\"";
  }
  EXPECT_EQ(texts.manifest, "{\"_sd\":[" + digests + "],\"_sd_alg\":\"sha-256\",\"log\":\"" +
                                std::string(kSampleOrigin) +
                                "\",\"recorded_at\":\"2026-01-02T03:04:05.700000Z\",\"v\":1}");
  EXPECT_EQ(texts.manifest.size(), 690);
  EXPECT_EQ(hex(crypto::sha256(texts.manifest)), kSampleCommitment);
  EXPECT_EQ(texts.leaf, kSampleLeaf);
  EXPECT_EQ(hex(texts.hash), kSampleLeafHash);
  EXPECT_EQ(hex(maker.leaf_hash(kSampleOrigin, sample_record(event))), kSampleLeafHash);
}

TEST(LeafMaker, TakesRecordedAtWhereTheEventHasNoTime) {
  event::Event event = sample_event();
  event::Event dated = sample_event();
  event.occurred_at.reset();
  dated.occurred_at = sample_head().recorded_at;
  LeafMaker maker;

  EXPECT_EQ(maker.leaf_hash(kSampleOrigin, sample_record(event)),
            maker.leaf_hash(kSampleOrigin, sample_record(dated)));
  EXPECT_NE(hex(maker.leaf_hash(kSampleOrigin, sample_record(event))), kSampleLeafHash);
}

TEST(LeafMaker, HasNoMemory) {
  const event::Event event = sample_event();
  event::RecordView other = sample_record(event);
  other.head.seed.bytes[0] ^= 1;
  other.head.recorded_at.micros += 1;
  LeafMaker used;
  used.leaf_hash("another", other);
  used.salt(other.head.seed.bytes, Slot::Actor);

  EXPECT_EQ(hex(used.leaf_hash(kSampleOrigin, sample_record(event))), kSampleLeafHash);
  LeafMaker moved = std::move(used);
  EXPECT_EQ(hex(moved.leaf_hash(kSampleOrigin, sample_record(event))), kSampleLeafHash);
}

event::RecordSeed arbitrary_seed() {
  event::RecordSeed seed;
  for (std::uint8_t& byte : seed) {
    byte = *rc::gen::arbitrary<std::uint8_t>();
  }
  return seed;
}

event::Event arbitrary_event_with_id() {
  event::Event event = *event::arbitrary_event();
  if (event.id.empty()) {
    event.id = "made";
  }
  return event;
}

// The definition of docs/formats/evidence.md, step by step.
std::string naive_digest(const event::RecordSeed& seed, Slot slot, const event::RecordView& record,
                         std::string& disclosure) {
  crypto::Aes256 aes({reinterpret_cast<const char*>(seed.data()), seed.size()});
  const auto block = [&](char purpose) {
    std::string bytes(16, '\0');
    bytes[0] = purpose;
    bytes[15] = static_cast<char>(slot);
    aes.encrypt_block(bytes.data(), bytes.data());
    return bytes;
  };
  if (!is_present(slot, record.event)) {
    return base::base64url_encode(block(1) + block(2));
  }
  std::string json = "[\"" + base::base64url_encode(block(0)) + "\",\"";
  json.append(name_of(slot)).append("\",");
  append_slot_value(json, slot, record.event, record.occurred_at());
  disclosure = base::base64url_encode(json + "]");
  return base::base64url_encode(crypto::as_bytes(crypto::sha256(disclosure)));
}

RC_GTEST_PROP(LeafMaker, GivesWhatTheDefinitionSays, ()) {
  const event::Event event = arbitrary_event_with_id();
  event::RecordView record = sample_record(event);
  record.head.seed.bytes = arbitrary_seed();
  record.head.recorded_at = *event::arbitrary::time();
  LeafMaker maker;

  const LeafTexts texts = maker.texts(kSampleOrigin, record);

  Manifest manifest{
      .digests = {}, .log = std::string(kSampleOrigin), .recorded_at = record.recorded_at()};
  for (const Slot slot : kSlots) {
    std::string disclosure;
    manifest.digests.set(slot, naive_digest(record.head.seed.bytes, slot, record, disclosure));
    RC_ASSERT(texts.disclosures[index_of(slot)] == disclosure);
  }
  RC_ASSERT(parse_manifest(texts.manifest).value() == manifest);
  RC_ASSERT(parse_leaf(texts.leaf).value() == leaf_of(texts.manifest, record.recorded_at()));
  RC_ASSERT(texts.leaf.size() == kLeafBytes);
  RC_ASSERT(tlog::leaf_hash(texts.leaf) == texts.hash);
  RC_ASSERT(maker.leaf_hash(kSampleOrigin, record) == texts.hash);
}

RC_GTEST_PROP(LeafMaker, GivesTheSameInBatches, ()) {
  const std::size_t count = *rc::gen::element<std::size_t>(0, 1, 2, 31, 32, 33, 70);
  std::vector<event::Event> events;
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back(i % 5 == 0 ? arbitrary_event_with_id() : sample_event());
  }
  std::vector<event::RecordView> records;
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back(sample_record(events[i]));
    records.back().head.seed.bytes[0] = static_cast<std::uint8_t>(i);
    records.back().head.recorded_at.micros += static_cast<std::int64_t>(i / 3);
  }
  LeafMaker maker;
  std::vector<tlog::Hash> hashes(count);

  maker.leaf_hashes(kSampleOrigin, records, hashes);

  for (std::size_t i = 0; i < count; ++i) {
    RC_ASSERT(hashes[i] == maker.leaf_hash(kSampleOrigin, records[i]));
  }
}

// Erasing a slot: its value, its salt and the seed go; what is kept is enough for the same leaf.
RC_GTEST_PROP(LeafMaker, WhatStaysOfARecordProvesItAfterASlotIsErased, ()) {
  const event::Event event = arbitrary_event_with_id();
  event::RecordView record = sample_record(event);
  record.head.seed.bytes = arbitrary_seed();
  LeafMaker maker;
  const LeafTexts before = maker.texts(kSampleOrigin, record);
  const Slot erased = *rc::gen::elementOf(std::vector<Slot>(std::begin(kSlots), std::end(kSlots)));

  Manifest manifest{
      .digests = {}, .log = std::string(kSampleOrigin), .recorded_at = record.recorded_at()};
  for (const Slot slot : kSlots) {
    const std::string& disclosure = before.disclosures[index_of(slot)];
    if (disclosure.empty()) {
      manifest.digests.set(slot, maker.absent_digest(record.head.seed.bytes, slot));
    } else if (slot == erased) {
      manifest.digests.set(slot, disclosure_digest(disclosure));
    } else {
      std::string value;
      append_slot_value(value, slot, record.event, record.occurred_at());
      const std::string again =
          print_disclosure(maker.salt(record.head.seed.bytes, slot), slot, value);
      RC_ASSERT(again == disclosure);
      manifest.digests.set(slot, disclosure_digest(again));
    }
  }
  std::string text;
  append_manifest(text, manifest);

  RC_ASSERT(text == before.manifest);
}

// All 24 blocks of one record differ, so that no salt tells another or a digest.
TEST(LeafMaker, NoSaltOrAbsentDigestIsUsedTwice) {
  LeafMaker maker;
  std::set<std::string> seen;
  for (const Slot slot : kSlots) {
    const std::string salt = maker.salt(sample_head().seed.bytes, slot);
    EXPECT_EQ(salt.size(), kSaltChars);
    EXPECT_TRUE(seen.insert(base::base64url_decode(salt).value()).second);
    const std::string digest =
        base::base64url_decode(maker.absent_digest(sample_head().seed.bytes, slot)).value();
    EXPECT_TRUE(seen.insert(digest.substr(0, 16)).second);
    EXPECT_TRUE(seen.insert(digest.substr(16)).second);
  }
}

}  // namespace
}  // namespace piperoll::evidence
