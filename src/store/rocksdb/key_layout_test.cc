#include "store/rocksdb/key_layout.h"

#include <gtest/gtest.h>

namespace piperoll::store::rocks {
namespace {

event::LogId some_log() {
  event::LogId log;
  for (std::size_t i = 0; i < log.org.bytes.size(); ++i) {
    log.org.bytes[i] = static_cast<std::uint8_t>(0xa0 + i);
  }
  log.kind = event::LogKind::Access;
  return log;
}

TEST(KeyLayout, KeysHaveTheBytesOfTheFormat) {
  EXPECT_EQ(base::hex_encode(format_key()), "46");
  EXPECT_EQ(base::hex_encode(applied_key()), "41");
  EXPECT_EQ(base::hex_encode(control_key(0x0102)), "430000000000000102");
  EXPECT_EQ(base::hex_encode(log_key(some_log())), "4ca0a1a2a3a4a5a6a7a8a9aaabacadaeaf01");
  EXPECT_EQ(base::hex_encode(row_block_key(7, 0x10203)), "000000070000000000010203");
  EXPECT_EQ(base::hex_encode(older_ids_key()), "49");
  EXPECT_EQ(base::hex_encode(id_secret_key()), "4b");
}

// The hash is the first of the authors' vectors (crypto/keyed_hash_test.cc).
TEST(KeyLayout, IdsStandByTheBeginningOfTheirHash) {
  const base::Bytes secret("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16);
  EXPECT_EQ(base::hex_encode(id_key(7, secret, "")),
            "00000007"
            "02"
            "a3817f04ba");
}

TEST(KeyLayout, OlderIdsThatAreUuidsTakeSixteenBytesInTheirKeys) {
  constexpr std::string_view kUuid = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
  EXPECT_EQ(base::hex_encode(whole_id_key(7, kUuid)),
            "00000007"
            "01"
            "f81d4fae7dec11d0a76500a0c91e6bf6");
  EXPECT_EQ(text_id_key(7, kUuid), base::Bytes("\0\0\0\7\0", 5).append(kUuid));
  EXPECT_EQ(base::hex_encode(text_id_key(7, "a-1")), "0000000700612d31");
  EXPECT_EQ(text_id_key(7, "a-1"), whole_id_key(7, "a-1"));
}

TEST(KeyLayout, TextsThatOnlyMeanAUuidStandAsTheyAre) {
  for (const std::string_view text :
       {"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "f81d4fae-7dec-11d0-a765-00a0c91e6bF6",
        "f81d4fae7dec11d0a76500a0c91e6bf6", "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "sixteen bytes..."}) {
    EXPECT_EQ(whole_id_key(7, text), text_id_key(7, text)) << text;
  }
}

TEST(KeyLayout, KeysOfTheIndexHaveTheBytesOfTheFormat) {
  EXPECT_EQ(base::hex_encode(value_key(7, 3, "ab")),
            "00000007"
            "03"
            "00"
            "6162");
  EXPECT_EQ(base::hex_encode(code_key(7, 3, 0x0102)),
            "00000007"
            "03"
            "01"
            "00000102");
  EXPECT_EQ(base::hex_encode(posting_key(7, 3, 5, 6)),
            "00000007"
            "03"
            "00000005"
            "00000006");
  EXPECT_EQ(base::hex_encode(times_key(7, TimeColumn::Recorded, 9)),
            "00000007"
            "01"
            "0000000000000009");
  EXPECT_EQ(base::hex_encode(bounds_key(7, TimeColumn::Occurred, 9)),
            "00000007"
            "02"
            "00000009");
  EXPECT_EQ(base::hex_encode(bounds_key(7, TimeColumn::Recorded, 9)),
            "00000007"
            "03"
            "00000009");
  EXPECT_EQ(base::hex_encode(codes_key(7, 3, 9)),
            "00000007"
            "03"
            "0000000000000009");
  EXPECT_EQ(base::hex_encode(totals_key(7, 3, 9)),
            "00000007"
            "00"
            "03"
            "00000009");
  EXPECT_EQ(base::hex_encode(cells_key(7, CellLevel::Month, 9)),
            "00000007"
            "03"
            "00000009");
  EXPECT_EQ(base::hex_encode(hashed_key(7, 3, 46, 9)),
            "00000007"
            "83"
            "2e"
            "00000009");
}

TEST(KeyLayout, LongValuesAreCutAndToldApart) {
  const std::string stem(200, 's');
  const base::Bytes a = value_key(7, 3, stem + "a");
  const base::Bytes b = value_key(7, 3, stem + "b");
  EXPECT_NE(a, b);
  EXPECT_EQ(a.size(), 6U + 128 + 32);
  EXPECT_EQ(a.substr(0, 6 + 128), value_key(7, 3, stem.substr(0, 128)));
}

TEST(KeyLayout, KeysAreReadBack) {
  EXPECT_EQ(parse_control_key(control_key(77)), 77U);
  EXPECT_EQ(parse_log_key(log_key(some_log())), some_log());
  EXPECT_EQ(parse_row_block_key(row_block_key(9, 12345)), 12345U);
  EXPECT_EQ(parse_code_key(code_key(9, 3, 12345)), 12345U);
  EXPECT_EQ(parse_segment(codes_key(9, 3, 12345)), 12345U);
  EXPECT_EQ(parse_segment(times_key(9, TimeColumn::Occurred, 12345)), 12345U);
  EXPECT_EQ(parse_totals_key(totals_key(9, 3, 12345)), 12345U);
  EXPECT_EQ(parse_cells_key(cells_key(9, CellLevel::Day, 12345)), 12345U);
  EXPECT_EQ(parse_hashed_key(hashed_key(9, 3, 63, 12345)), 12345U);
}

TEST(KeyLayout, OtherKeysAreNotReadAsTheseKinds) {
  EXPECT_EQ(parse_control_key(applied_key()), std::nullopt);
  EXPECT_EQ(parse_log_key(control_key(1)), std::nullopt);
  base::Bytes other_kind = log_key(some_log());
  other_kind.back() = 2;
  EXPECT_EQ(parse_log_key(other_kind), std::nullopt);
  EXPECT_EQ(parse_row_block_key("short"), std::nullopt);
}

TEST(KeyLayout, EndOfAPrefixIsTheLeastKeyBehindIt) {
  EXPECT_EQ(end_of("ab"), "ac");
  EXPECT_EQ(end_of("a\xff"), "b");
  EXPECT_EQ(end_of(rows_prefix(0xff)), base::Bytes({0, 0, 1}));
}

}  // namespace
}  // namespace piperoll::store::rocks
