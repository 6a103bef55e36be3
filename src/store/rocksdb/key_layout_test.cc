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
  EXPECT_EQ(base::hex_encode(id_key(7, "a-1")), "0000000700612d31");
}

TEST(KeyLayout, KeysAreReadBack) {
  EXPECT_EQ(parse_control_key(control_key(77)), 77U);
  EXPECT_EQ(parse_log_key(log_key(some_log())), some_log());
  EXPECT_EQ(parse_row_block_key(row_block_key(9, 12345)), 12345U);
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
