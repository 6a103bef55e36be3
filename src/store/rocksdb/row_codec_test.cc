#include "store/rocksdb/row_codec.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/coding.h"
#include "base/uuid.h"
#include "base/zstd_block.h"
#include "event/event_encoding.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

using Records = std::vector<base::Bytes>;
const RowDictionaries kNone;
const FeistelIdCipher kIds = testing::test_ids();
const event::LogId kLog = testing::test_log(7);
MadeIds made_ids() {
  return {.cipher = &kIds, .log = kLog};
}
const std::string kUuidText = "01234567-89ab-7def-8123-456789abcdef";

constexpr base::Timestamp kTime{1'767'323'045'700'000};

// As long as 150 bytes, so that a few fill a block that is compressed. made_id: nil if one was
// chosen.
base::Bytes record_with(const event::RecordPlace& place, const std::string& chosen_id,
                        const base::Uuid& made_id) {
  event::Event event = event::make_event("user.login");
  event.id = chosen_id;
  event.summary = std::string(80, 's');
  event::RecordHead head{.seq = place.seq, .recorded_at = place.recorded_at};
  head.seed.bytes.fill(static_cast<std::uint8_t>('A' + place.seq));
  head.made_id = made_id;
  base::Bytes bytes;
  event::append_record(bytes, head, event::encode_event(event::view_of(event)));
  return bytes;
}

// id: what the caller chose; empty: the server made one, of another key than it has now.
base::Bytes record_with(std::uint64_t seq, const std::string& id) {
  return record_with({.seq = seq, .recorded_at = kTime}, id,
                     id.empty() ? *base::parse_canonical_uuid(kUuidText) : base::Uuid{});
}

// With the id that the server makes for its place.
base::Bytes record_at(std::uint64_t seq, base::Timestamp time = kTime) {
  return record_with({.seq = seq, .recorded_at = time}, "", kIds.make(kLog, seq, time));
}

// One of each kind: a made id, two chosen ones of which one is a UUID, no record.
Records mixed_records() {
  return {record_with(0, ""), record_with(1, kUuidText), record_with(2, "e-1"),
          base::Bytes(200, 'x')};
}

struct Joined {
  std::vector<std::uint32_t> sizes;
  base::Bytes bytes;
};
Joined joined(const Records& records) {
  Joined all;
  for (const base::Bytes& record : records) {
    all.sizes.push_back(static_cast<std::uint32_t>(record.size()));
    all.bytes += record;
  }
  return all;
}

EncodedRows encoded(const Records& records, const RowDictionary* dictionary = nullptr) {
  const Joined all = joined(records);
  return encode_row_block(all.sizes, all.bytes, dictionary, made_ids());
}

base::Result<DecodedRows> decoded(base::ByteView value) {
  return decode_row_block(value, kNone, made_ids());
}

Records records_of(const DecodedRows& rows) {
  Records records;
  std::size_t begin = 0;
  for (const std::uint32_t end : rows.ends) {
    records.push_back(rows.bytes.substr(rows.begin + begin, end - begin));
    begin = end;
  }
  EXPECT_EQ(rows.begin + begin, rows.bytes.size());
  return records;
}

// What stands in a block in which random bytes stand beside what is compressed.
struct Divided {
  std::uint8_t codec;
  std::uint64_t dictionary, records;
  base::Bytes random, payload;
};
Divided taken_apart(base::ByteView value) {
  base::Decoder from(value);
  Divided block{.codec = from.u8(), .dictionary = from.varint(), .records = from.varint()};
  const std::uint64_t payload_bytes = from.varint();
  block.random = from.string();
  EXPECT_TRUE(base::append_zstd_unblock(block.payload, from.rest(), payload_bytes).has_value());
  return block;
}

base::Bytes put_together(const Divided& block) {
  base::Bytes value;
  base::put_u8(value, block.codec);
  base::put_varint(value, block.dictionary);
  base::put_varint(value, block.records);
  base::put_varint(value, block.payload.size());
  base::put_string(value, block.random);
  base::append_zstd_block(value, block.payload, kRowBlockZstdLevel);
  return value;
}

bool is_refused(base::ByteView value) {
  const base::Result<DecodedRows> rows = decoded(value);
  return !rows.has_value() && rows.error().kind == base::ErrorKind::Corruption;
}

TEST(RowCodec, PutsRandomBytesBesideWhatIsCompressed) {
  const Records records = mixed_records();

  const EncodedRows rows = encoded(records);

  const Divided block = taken_apart(rows.value);
  const std::string uuid(base::parse_canonical_uuid(kUuidText)->as_bytes());
  EXPECT_EQ(block.codec, 4);
  EXPECT_EQ(block.dictionary, 0U);
  EXPECT_EQ(block.records, 4U);
  EXPECT_EQ(block.random,
            std::string(32, 'A') + uuid + std::string(32, 'B') + uuid + std::string(32, 'C'));
  base::Bytes rests, lengths;
  const std::size_t id_at = records[1].find(kUuidText);
  const std::pair<base::Bytes, std::uint64_t> of_each[] = {
      {records[0].substr(0, 18) + records[0].substr(66), 2},
      {records[1].substr(0, 18) + records[1].substr(50, id_at - 50) + records[1].substr(id_at + 36),
       3},
      {records[2].substr(0, 18) + records[2].substr(50), 1},
      {records[3], 0}};
  for (const auto& [rest, part] : of_each) {
    base::put_varint(lengths, rest.size() * 16 + part);
    rests += rest;
  }
  EXPECT_EQ(base::hex_encode(block.payload), base::hex_encode(lengths + rests));
  EXPECT_EQ(rows.bytes_to_compress, block.payload.size());
  EXPECT_LT(rows.bytes_compressed, rows.value.size() - block.random.size());
  EXPECT_EQ(records_of(decoded(rows.value).value()), records);
}

TEST(RowCodec, KeepsSeedBytesThatAreSharedOnce) {
  const std::string uuid(base::parse_canonical_uuid(kUuidText)->as_bytes());
  const base::Bytes foreign(200, 'x');
  const Records records = {record_with(0, ""),    record_with(0, kUuidText), foreign,
                           record_with(0, "e-1"), record_with(1, "e-1"),     record_with(0, "")};

  const EncodedRows rows = encoded(records);

  const Divided block = taken_apart(rows.value);
  EXPECT_EQ(block.random, std::string(32, 'A') + uuid + uuid + std::string(32, 'B') +
                              std::string(32, 'A') + uuid);
  base::Decoder lengths(block.payload);
  for (const std::uint64_t what : {2U, 4U + 3U, 0U, 4U + 1U, 1U, 2U}) {
    EXPECT_EQ(lengths.varint() % 16, what);
  }
  EXPECT_EQ(records_of(decoded(rows.value).value()), records);
}

TEST(RowCodec, RefusesToShareASeedThatIsNotThere) {
  const base::Bytes rest = record_with(0, "e-1").erase(18, 32);
  const auto with_kinds = [&](std::uint64_t first, std::uint64_t second,
                              const std::string& random) {
    Divided block{.codec = 3, .dictionary = 0, .records = 2, .random = random, .payload = {}};
    base::put_varint(block.payload, rest.size() * 8 + first);
    base::put_varint(block.payload, rest.size() * 8 + second);
    block.payload += rest + rest;
    return put_together(block);
  };
  const std::string seed(32, 's');
  ASSERT_FALSE(is_refused(with_kinds(1, 4 + 1, seed)));

  EXPECT_TRUE(is_refused(with_kinds(4 + 1, 1, seed)));
  EXPECT_TRUE(is_refused(with_kinds(4 + 1, 4 + 1, "")));
  EXPECT_TRUE(is_refused(with_kinds(0, 4 + 1, "")));
  EXPECT_TRUE(is_refused(with_kinds(1, 4, seed)));
  EXPECT_TRUE(is_refused(with_kinds(1, 4 + 2, seed + std::string(15, 'i'))));
}

TEST(RowCodec, LeavesOutIdsThatPlacesTell) {
  const base::Timestamp later{kTime.micros + 5000};
  const Records records = {record_at(0), record_at(1), record_with(2, kUuidText),
                           record_at(3, later), record_at(IdCipher::kSeqMax)};

  const EncodedRows rows = encoded(records);

  const Divided block = taken_apart(rows.value);
  base::Decoder lengths(block.payload);
  for (const std::uint64_t what : {8U + 2U, 8U + 2U, 3U, 8U + 2U, 8U + 2U}) {
    EXPECT_EQ(lengths.varint() % 16, what);
  }
  EXPECT_EQ(block.random.size(), 5 * 32U + 16U);
  EXPECT_EQ(records_of(decoded(rows.value).value()), records);
}

TEST(RowCodec, KeepsIdsOfAnotherPlaceLogOrKey) {
  const FeistelIdCipher other_key(std::string(FeistelIdCipher::kKeyBytes, 'x'));
  const event::RecordPlace place{.seq = 3, .recorded_at = kTime};
  const base::Timestamp a_millisecond_later{kTime.micros + 1000};
  const Records records = {
      record_with(place, "", kIds.make(kLog, 4, kTime)),
      record_with(place, "", kIds.make(kLog, 3, a_millisecond_later)),
      record_with(place, "", kIds.make(testing::test_log(8), 3, kTime)),
      record_with(place, "", other_key.make(kLog, 3, kTime)),
      record_with({.seq = IdCipher::kSeqMax + 1, .recorded_at = kTime}, "",
                  kIds.make(kLog, 3, kTime)),
  };

  const EncodedRows rows = encoded(records);

  const Divided block = taken_apart(rows.value);
  base::Decoder lengths(block.payload);
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(lengths.varint() & 8, 0U) << i;
  }
  EXPECT_EQ(records_of(decoded(rows.value).value()), records);
}

TEST(RowCodec, WithoutACipherKeepsAllIdsAndReadsNoneThatIsLeftOut) {
  const Records records = {record_at(0), record_at(1), record_at(2), record_at(3)};
  const Joined all = joined(records);
  const base::Bytes kept = encode_row_block(all.sizes, all.bytes, nullptr, {}).value;
  const base::Bytes left_out = encode_row_block(all.sizes, all.bytes, nullptr, made_ids()).value;

  EXPECT_EQ(kept.size(), left_out.size() + 4 * 16);
  EXPECT_EQ(records_of(decode_row_block(kept, kNone, {}).value()), records);
  EXPECT_EQ(records_of(decoded(kept).value()), records);
  EXPECT_EQ(records_of(decoded(left_out).value()), records);
  EXPECT_FALSE(decode_row_block(left_out, kNone, {}).has_value());
}

TEST(RowCodec, RefusesToMakeIdsWhereNoneCanBe) {
  const auto with = [&](std::uint64_t kind, const event::RecordPlace& place) {
    const base::Bytes record = record_with(place, "e-1", {});
    const base::Bytes rest = base::Bytes(record).erase(18, 32);
    Divided block{.codec = 4,
                  .dictionary = 0,
                  .records = 1,
                  .random = std::string(kind % 4 == 0 ? 0 : 32, 's'),
                  .payload = {}};
    base::put_varint(block.payload, rest.size() * 16 + kind);
    block.payload += rest;
    return put_together(block);
  };
  const event::RecordPlace place{.seq = 5, .recorded_at = kTime};
  ASSERT_FALSE(is_refused(with(1, place)));
  ASSERT_FALSE(is_refused(with(8 + 2, place)));

  EXPECT_TRUE(is_refused(with(8 + 0, place)));
  EXPECT_TRUE(is_refused(with(8 + 1, place)));
  EXPECT_TRUE(is_refused(with(8 + 3, place)));
  EXPECT_TRUE(is_refused(with(8 + 2, {.seq = IdCipher::kSeqMax + 1, .recorded_at = kTime})));
  EXPECT_TRUE(is_refused(with(8 + 2, {.seq = 5, .recorded_at = {-1}})));
  EXPECT_TRUE(is_refused(with(8 + 2, {.seq = 5, .recorded_at = {base::kTimestampMax.micros + 1}})));
}

// Blocks on disk are permanent; what zstd makes of the same payload is its business.
TEST(RowCodec, ReadsTheGoldenBlocks) {
  const std::pair<const char*, const char*> blocks[] = {
      {"1",
       "010004c50528b52ffd60c5016d04002406a401b9019801c80101010006475ef657a1a0410123456789ab7def"
       "81cdef010800002c0a757365722e6c6f67696e5073ff014201092430313233343536372d383961622d376465"
       "662d383132332d34353637383961626364656650024303652d31781000449c12bf3128010470ed8030cf6c06"
       "3cc180f92e4646bcb193113199e2621c622bc2018d13c00b"},
      {"2",
       "020004b104800141414141414141414141414141414141414141414141414141414141414141410123456789"
       "ab7def8123456789abcdef424242424242424242424242424242424242424242424242424242424242424201"
       "23456789ab7def8123456789abcdef4343434343434343434343434343434343434343434343434343434343"
       "43434328b52ffd6031018502004403d203d703e103a00601010006475ef657a1a0010800002c0a757365722e"
       "6c6f67696e5073ff010924500203652d3150737373ff780a00441ca515a00a80f1105b062882647768b14371"
       "6380c60be6"},
      {"3",
       "030004b104800141414141414141414141414141414141414141414141414141414141414141410123456789"
       "ab7def8123456789abcdef424242424242424242424242424242424242424242424242424242424242424201"
       "23456789ab7def8123456789abcdef4343434343434343434343434343434343434343434343434343434343"
       "43434328b52ffd6031018502004403a207ab07c107c00c01010006475ef657a1a0010800002c0a757365722e"
       "6c6f67696e5073ff010924500203652d3150737373ff780a00441ca515a00a80f1105b062882647768b14371"
       "6380c60be6"},
      {"4",
       "0400069d06c00141414141414141414141414141414141414141414141414141414141414141410123456789"
       "ab7def8123456789abcdef424242424242424242424242424242424242424242424242424242424242424201"
       "23456789ab7def8123456789abcdef4343434343434343434343434343434343434343434343434343434343"
       "4343434545454545454545454545454545454545454545454545454545454545454545464646464646464646"
       "464646464646464646464646464646464646464646464628b52ffd601d026503002404c20ed30e810f8019ca"
       "0eca0e01010006475ef657a1a0010800002c0a757365722e6c6f67696e5073ff010924500203652d31507373"
       "73ff78040105a97001085073ff10000c500c24017c2063082461213440c4515a01aa00180fb1658022487687"
       "163b143706687c411d"},
  };
  for (const auto& [codec, hex] : blocks) {
    const base::Bytes value = base::hex_decode(hex).value();
    EXPECT_EQ(value[0], codec[0] - '0');
    Records expected = mixed_records();
    if (value[0] == 4) {
      expected.push_back(record_at(4));
      expected.push_back(record_at(5, {kTime.micros + 2000}));
    }
    EXPECT_EQ(records_of(decoded(value).value()), expected) << codec;
  }
}

TEST(RowCodec, TellsADictionaryOfWhatItHasToCompress) {
  const Records records = mixed_records();

  const Joined all = joined(records);
  const RowRests rests = rests_of(all.sizes, all.bytes);

  const base::Bytes payload = taken_apart(encoded(records).value).payload;
  EXPECT_EQ(rests.bytes, payload.substr(payload.size() - rests.bytes.size()));
  std::size_t sum = 0;
  for (const std::size_t size : rests.sizes) {
    sum += size;
  }
  EXPECT_EQ(sum, rests.bytes.size());
  EXPECT_EQ(rests.sizes.size(), records.size());
}

TEST(RowCodec, RefusesEveryTruncationAndEveryByteMore) {
  const base::Bytes value = encoded(mixed_records()).value;
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_TRUE(is_refused(base::ByteView(value).substr(0, size))) << size;
  }
  EXPECT_TRUE(is_refused(value + "x"));
}

TEST(RowCodec, RefusesPartsThatDoNotFitEachOther) {
  const Divided whole = taken_apart(encoded(mixed_records()).value);
  const auto with = [&](auto change) {
    Divided block = whole;
    change(block);
    return put_together(block);
  };
  ASSERT_FALSE(is_refused(with([](Divided&) {})));

  EXPECT_TRUE(is_refused(with([](Divided& block) { block.random.pop_back(); })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.random += 'x'; })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.payload.pop_back(); })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.payload += 'x'; })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.codec = 2; })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.codec = 5; })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.dictionary = 1; })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.records = 5; })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.records = 3; })));
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.records = 33; })));
  // A chosen id in a record that has none; a seed in a record that is shorter than its place.
  EXPECT_TRUE(is_refused(with([](Divided& block) { block.payload[0] ^= 1; })));
  EXPECT_TRUE(is_refused(put_together(
      {.codec = 2, .records = 1, .random = std::string(32, 's'), .payload = "\x05x"})));
}

TEST(RowCodec, RefusesLengthsThatNoBlockHas) {
  base::Bytes wrapping;
  base::put_varint(wrapping, 3U << 2);
  base::put_varint(wrapping, ~std::uint64_t{0} - 3);
  EXPECT_TRUE(is_refused(put_together({.codec = 2, .records = 2, .payload = wrapping + "xyz"})));

  base::Bytes large("\2\0\1", 3);
  base::put_varint(large, kRowBlockBytesMax + 1);
  EXPECT_TRUE(is_refused(large));
  large.resize(3);
  base::put_varint(large, kRowBlockBytesMax);
  base::put_varint(large, ~std::uint64_t{0});  // of random bytes
  EXPECT_TRUE(is_refused(large));
}

// Bytes like those of records, or of any kind.
rc::Gen<base::Bytes> arbitrary_row() {
  return rc::gen::oneOf(rc::gen::exec([] {
                          const auto seq = *rc::gen::inRange<std::uint64_t>(0, 20);
                          const auto id = *rc::gen::element<std::string>(
                              "", "e-1", kUuidText, std::string(36, 'z'), "told");
                          base::Bytes bytes = id == "told" ? record_at(seq) : record_with(seq, id);
                          const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
                          switch (*rc::gen::inRange(0, 4)) {
                            case 0:
                              bytes[at] = *rc::gen::arbitrary<char>();
                              break;
                            case 1:
                              bytes.erase(at, *rc::gen::inRange<std::size_t>(0, 40));
                              break;
                            case 2:
                              bytes.insert(at, *rc::gen::arbitrary<std::string>());
                              break;
                            default:
                              break;
                          }
                          return bytes;
                        }),
                        rc::gen::arbitrary<std::string>());
}

RC_GTEST_PROP(RowCodecProperty, RecordsComeBackWhateverTheyAre, ()) {
  const auto records = *rc::gen::resize(32, rc::gen::container<Records>(arbitrary_row()));
  RC_PRE(records.size() <= kRowBlockRecordsMax);
  RC_ASSERT(records_of(decoded(encoded(records).value).value()) == records);
}

RC_GTEST_PROP(RowCodecProperty, DamageIsRefusedOrStaysInBounds, ()) {
  base::Bytes value = encoded(mixed_records()).value;
  Divided block = taken_apart(value);
  if (*rc::gen::arbitrary<bool>()) {
    // zstd would find most of what is damaged in a frame: the payload in it is.
    base::Bytes& part = *rc::gen::arbitrary<bool>() ? block.random : block.payload;
    const auto at = *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(part.size(), 60));
    part[at] = *rc::gen::arbitrary<char>();
    part.resize(*rc::gen::inRange<std::size_t>(part.size() / 2, part.size() + 2));
    block.records = *rc::gen::inRange<std::uint64_t>(0, 40);
    value = put_together(block);
  } else {
    value[*rc::gen::inRange<std::size_t>(0, value.size())] = *rc::gen::arbitrary<char>();
  }
  const base::Result<DecodedRows> rows = decoded(value);
  if (!rows.has_value()) {
    RC_ASSERT(rows.error().kind == base::ErrorKind::Corruption);
    return;
  }
  // As if they had been given so: whatever is told of the records lies in the bytes.
  const Records records = records_of(*rows);
  RC_ASSERT(records_of(decoded(encoded(records).value).value()) == records);
}

RC_GTEST_PROP(RowCodecProperty, AnyBytesAreRefusedOrRecords, (std::string noise)) {
  for (char codec = 0; codec < 6; ++codec) {
    const base::Result<DecodedRows> rows = decoded(std::string(1, codec) + noise);
    RC_ASSERT(rows.has_value() || rows.error().kind == base::ErrorKind::Corruption);
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
