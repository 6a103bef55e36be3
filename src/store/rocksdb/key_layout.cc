#include "store/rocksdb/key_layout.h"

#include "base/check.h"
#include "base/coding.h"
#include "base/uuid.h"
#include "crypto/keyed_hash.h"
#include "crypto/sha256.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// First byte of keys in meta.
constexpr std::uint8_t kFormat = 'F';
constexpr std::uint8_t kApplied = 'A';
constexpr std::uint8_t kControl = 'C';
constexpr std::uint8_t kLog = 'L';
constexpr std::uint8_t kCheckpoint = 'P';
constexpr std::uint8_t kDictionary = 'D';
constexpr std::uint8_t kOlderIds = 'I';
constexpr std::uint8_t kIdSecret = 'K';
constexpr std::uint8_t kMadeId = 'M';

// Byte after the log number in ids.
constexpr std::uint8_t kIdAsText = 0;
constexpr std::uint8_t kIdAsUuid = 1;
constexpr std::uint8_t kIdHashed = 2;

constexpr std::size_t kNumberedKeyBytes = 1 + 8;
constexpr std::size_t kLogKeyBytes = 1 + 16 + 1;
constexpr std::size_t kRowBlockKeyBytes = 4 + 8;

// Byte after the field in dict.
constexpr std::uint8_t kByValue = 0;
constexpr std::uint8_t kByCode = 1;

// Byte after the log number in time: 0 and 1 are the columns.
constexpr std::uint8_t kBounds = 2;

// Byte after the log number in roll: 1 to 3 are the levels of cells.
constexpr std::uint8_t kTotals = 0;

constexpr std::size_t kFieldPrefixBytes = 4 + 1;

// Byte after the log number in codes and post: a field, with this one added where hashes are kept.
constexpr std::uint8_t kHashed = 128;
constexpr std::uint8_t kTexts = 64;
constexpr std::uint8_t kPathValues = 120;

base::Bytes byte_key(std::uint8_t byte) {
  return {static_cast<char>(byte)};
}

base::Bytes numbered_key(std::uint8_t first, std::uint64_t number) {
  base::Bytes key = byte_key(first);
  base::put_be64(key, number);
  return key;
}

std::optional<std::uint64_t> number_of(std::uint8_t first, base::ByteView key) {
  if (key.size() != kNumberedKeyBytes || static_cast<std::uint8_t>(key[0]) != first) {
    return std::nullopt;
  }
  return base::load_be64(key.data() + 1);
}

base::Bytes key_of_log(std::uint8_t first, const event::LogId& log) {
  base::Bytes key = byte_key(first);
  key.append(log.org.as_bytes());
  base::put_u8(key, static_cast<std::uint8_t>(log.kind));
  return key;
}

base::Bytes field_prefix(LogNumber log, std::uint8_t field) {
  base::Bytes key;
  base::put_be32(key, log);
  base::put_u8(key, field);
  return key;
}

base::Bytes key_of_id(LogNumber log, std::uint8_t form, base::ByteView bytes) {
  base::Bytes key;
  key.reserve(sizeof(log) + 1 + bytes.size());
  base::put_be32(key, log);
  base::put_u8(key, form);
  key.append(bytes);
  return key;
}

// The be32 that ends a key with a prefix of so many bytes.
std::optional<std::uint32_t> number_after(base::ByteView key, std::size_t prefix_bytes) {
  if (key.size() != prefix_bytes + 4) {
    return std::nullopt;
  }
  return base::load_be32(key.data() + prefix_bytes);
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
base::Bytes older_ids_key() {
  return byte_key(kOlderIds);
}
base::Bytes id_secret_key() {
  return byte_key(kIdSecret);
}
base::Bytes made_id_key() {
  return byte_key(kMadeId);
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
base::Bytes dictionary_prefix() {
  return byte_key(kDictionary);
}

base::Bytes control_key(std::uint64_t number) {
  return numbered_key(kControl, number);
}

std::optional<std::uint64_t> parse_control_key(base::ByteView key) {
  return number_of(kControl, key);
}

base::Bytes dictionary_key(std::uint64_t number) {
  return numbered_key(kDictionary, number);
}

std::optional<std::uint64_t> parse_dictionary_key(base::ByteView key) {
  return number_of(kDictionary, key);
}

base::Bytes log_key(const event::LogId& log) {
  return key_of_log(kLog, log);
}

base::Bytes checkpoint_key(const event::LogId& log) {
  return key_of_log(kCheckpoint, log);
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

base::Bytes id_key(LogNumber log, base::ByteView secret, base::ByteView id) {
  const crypto::KeyedHash hash = crypto::keyed_hash(secret, id);
  return key_of_id(log, kIdHashed, {reinterpret_cast<const char*>(hash.data()), kIdHashBytes});
}

base::Bytes whole_id_key(LogNumber log, base::ByteView id) {
  const std::optional<base::Uuid> uuid = base::parse_canonical_uuid(id);
  return uuid.has_value() ? key_of_id(log, kIdAsUuid, uuid->as_bytes()) : text_id_key(log, id);
}

base::Bytes text_id_key(LogNumber log, base::ByteView id) {
  return key_of_id(log, kIdAsText, id);
}

base::Bytes value_key(LogNumber log, std::uint8_t field, base::ByteView value) {
  base::Bytes key = field_prefix(log, field);
  base::put_u8(key, kByValue);
  if (value.size() <= kValueKeyBytesMax) {
    key.append(value);
  } else {
    key.append(value.substr(0, kValueKeyBytesMax));
    key.append(crypto::as_bytes(crypto::sha256(value)));
  }
  return key;
}

base::Bytes code_prefix(LogNumber log, std::uint8_t field) {
  base::Bytes key = field_prefix(log, field);
  base::put_u8(key, kByCode);
  return key;
}

base::Bytes code_key(LogNumber log, std::uint8_t field, std::uint32_t code) {
  base::Bytes key = code_prefix(log, field);
  base::put_be32(key, code);
  return key;
}

std::optional<std::uint32_t> parse_code_key(base::ByteView key) {
  return number_after(key, kFieldPrefixBytes + 1);
}

base::Bytes posting_key(LogNumber log, std::uint8_t field, std::uint32_t code,
                        std::uint32_t bucket) {
  base::Bytes key = field_prefix(log, field);
  base::put_be32(key, code);
  base::put_be32(key, bucket);
  return key;
}

base::Bytes times_prefix(LogNumber log, TimeColumn column) {
  return field_prefix(log, static_cast<std::uint8_t>(column));
}

base::Bytes times_key(LogNumber log, TimeColumn column, std::uint64_t segment) {
  base::Bytes key = times_prefix(log, column);
  base::put_be64(key, segment);
  return key;
}

base::Bytes bounds_key(LogNumber log, TimeColumn column, std::uint32_t bucket) {
  const auto kind = static_cast<std::uint8_t>(kBounds + static_cast<std::uint8_t>(column));
  base::Bytes key = field_prefix(log, kind);
  base::put_be32(key, bucket);
  return key;
}

base::Bytes codes_prefix(LogNumber log, std::uint8_t field) {
  return field_prefix(log, field);
}

base::Bytes hashes_prefix(LogNumber log, std::uint8_t field) {
  return field_prefix(log, static_cast<std::uint8_t>(kHashed + field));
}

base::Bytes texts_prefix(LogNumber log, std::uint8_t field) {
  return field_prefix(log, static_cast<std::uint8_t>(kTexts + field));
}

base::Bytes path_values_prefix(LogNumber log) {
  return field_prefix(log, kPathValues);
}

base::Bytes codes_key(LogNumber log, std::uint8_t field, std::uint64_t segment) {
  base::Bytes key = codes_prefix(log, field);
  base::put_be64(key, segment);
  return key;
}

std::optional<std::uint64_t> parse_segment(base::ByteView key) {
  if (key.size() != kFieldPrefixBytes + 8) {
    return std::nullopt;
  }
  return base::load_be64(key.data() + kFieldPrefixBytes);
}

base::Bytes hashed_prefix(LogNumber log, std::uint8_t field, std::uint8_t partition) {
  base::Bytes key = hashes_prefix(log, field);
  base::put_u8(key, partition);
  return key;
}

base::Bytes hashed_key(LogNumber log, std::uint8_t field, std::uint8_t partition,
                       std::uint32_t bucket) {
  base::Bytes key = hashed_prefix(log, field, partition);
  base::put_be32(key, bucket);
  return key;
}

std::optional<std::uint32_t> parse_hashed_key(base::ByteView key) {
  return number_after(key, kFieldPrefixBytes + 1);
}

base::Bytes totals_prefix(LogNumber log, std::uint8_t field) {
  base::Bytes key = field_prefix(log, kTotals);
  base::put_u8(key, field);
  return key;
}

base::Bytes totals_key(LogNumber log, std::uint8_t field, std::uint32_t chunk) {
  base::Bytes key = totals_prefix(log, field);
  base::put_be32(key, chunk);
  return key;
}

std::optional<std::uint32_t> parse_totals_key(base::ByteView key) {
  return number_after(key, kFieldPrefixBytes + 1);
}

base::Bytes cells_key(LogNumber log, CellLevel level, std::uint32_t period) {
  base::Bytes key = field_prefix(log, static_cast<std::uint8_t>(level));
  base::put_be32(key, period);
  return key;
}

std::optional<std::uint32_t> parse_cells_key(base::ByteView key) {
  return number_after(key, kFieldPrefixBytes);
}

base::Bytes tile_key(LogNumber log, unsigned level, std::uint64_t index) {
  base::Bytes key;
  base::put_be32(key, log);
  base::put_u8(key, static_cast<std::uint8_t>(level));
  base::put_be64(key, index);
  return key;
}

}  // namespace piperoll::store::rocks
