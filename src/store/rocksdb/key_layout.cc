#include "store/rocksdb/key_layout.h"

#include "base/check.h"
#include "base/coding.h"

namespace piperoll::store::rocks {
namespace {

// First byte of keys in meta.
constexpr std::uint8_t kFormat = 'F';
constexpr std::uint8_t kApplied = 'A';
constexpr std::uint8_t kControl = 'C';
constexpr std::uint8_t kLog = 'L';

// Byte after the log number in ids.
constexpr std::uint8_t kChosenId = 0;

constexpr std::size_t kControlKeyBytes = 1 + 8;
constexpr std::size_t kLogKeyBytes = 1 + 16 + 1;
constexpr std::size_t kRowBlockKeyBytes = 4 + 8;

base::Bytes byte_key(std::uint8_t byte) {
  return {static_cast<char>(byte)};
}

}  // namespace

base::Bytes end_of(base::ByteView prefix) {
  base::Bytes end(prefix);
  while (!end.empty() && static_cast<std::uint8_t>(end.back()) == 0xff) {
    end.pop_back();
  }
  CHECK(!end.empty());
  end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
  return end;
}

base::Bytes format_key() {
  return byte_key(kFormat);
}
base::Bytes applied_key() {
  return byte_key(kApplied);
}
base::Bytes control_prefix() {
  return byte_key(kControl);
}
base::Bytes log_prefix() {
  return byte_key(kLog);
}

base::Bytes control_key(std::uint64_t number) {
  base::Bytes key = control_prefix();
  base::put_be64(key, number);
  return key;
}

std::optional<std::uint64_t> parse_control_key(base::ByteView key) {
  if (key.size() != kControlKeyBytes || static_cast<std::uint8_t>(key[0]) != kControl) {
    return std::nullopt;
  }
  return base::load_be64(key.data() + 1);
}

base::Bytes log_key(const event::LogId& log) {
  base::Bytes key = log_prefix();
  key.append(log.org.as_bytes());
  base::put_u8(key, static_cast<std::uint8_t>(log.kind));
  return key;
}

std::optional<event::LogId> parse_log_key(base::ByteView key) {
  if (key.size() != kLogKeyBytes || static_cast<std::uint8_t>(key[0]) != kLog ||
      static_cast<std::uint8_t>(key[17]) > static_cast<std::uint8_t>(event::LogKind::Access)) {
    return std::nullopt;
  }
  return event::LogId{base::Uuid::from_bytes(key.substr(1, 16)),
                      static_cast<event::LogKind>(key[17])};
}

base::Bytes rows_prefix(LogNumber log) {
  base::Bytes key;
  base::put_be32(key, log);
  return key;
}

base::Bytes row_block_key(LogNumber log, std::uint64_t first_seq) {
  base::Bytes key = rows_prefix(log);
  base::put_be64(key, first_seq);
  return key;
}

std::optional<std::uint64_t> parse_row_block_key(base::ByteView key) {
  if (key.size() != kRowBlockKeyBytes) {
    return std::nullopt;
  }
  return base::load_be64(key.data() + 4);
}

base::Bytes id_key(LogNumber log, base::ByteView id) {
  base::Bytes key;
  base::put_be32(key, log);
  base::put_u8(key, kChosenId);
  key.append(id);
  return key;
}

}  // namespace piperoll::store::rocks
