#include "event/record.h"

#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/coding.h"
#include "event/event_encoding.h"

namespace piperoll::event {
namespace {

// docs/formats/record.md
constexpr std::uint8_t kVersionOwnSeed = 1;
constexpr std::uint8_t kVersionSeedKey = 2;
constexpr std::uint8_t kHasMadeId = 1;
constexpr std::size_t kSeqAt = 2;
constexpr std::size_t kRecordedAtAt = 10;
constexpr std::size_t kHeadBytes = kRecordMadeIdAt;
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kUuidTextBytes = base::Uuid::kTextBytes;

base::Error corrupt(std::string detail) {
  return {.kind = base::ErrorKind::Corruption,
          .message = "a stored record is damaged",
          .code = "damaged_record",
          .detail = std::move(detail)};
}

base::Error newer(std::uint8_t version) {
  return {.kind = base::ErrorKind::Corruption,
          .message = "a stored record has a format newer than this program",
          .code = "newer_format",
          .detail = "record format " + std::to_string(version)};
}

base::Timestamp load_recorded_at(base::ByteView bytes) {
  return {static_cast<std::int64_t>(base::load_be64(bytes.data() + kRecordedAtAt))};
}

// REQUIRES: shape is of bytes.
void load_head(base::ByteView bytes, const HeadShape& shape, RecordHead& head) {
  head.seq = base::load_be64(bytes.data() + kSeqAt);
  head.recorded_at = load_recorded_at(bytes);
  head.seed.is_key = static_cast<std::uint8_t>(bytes[0]) == kVersionSeedKey;
  std::memcpy(head.seed.bytes.data(), bytes.data() + kRecordSeedAt, sizeof(head.seed.bytes));
  if (shape.has_made_id) {
    std::memcpy(head.made_id.bytes.data(), bytes.data() + kHeadBytes, kUuidBytes);
  }
}

// made_id_text: room for kUuidTextBytes characters.
base::Result<RecordView> decode_with(base::ByteView bytes, char* made_id_text) {
  if (bytes.empty()) {
    return corrupt("no bytes");
  }
  auto version = static_cast<std::uint8_t>(bytes[0]);
  if (version > kVersionSeedKey) {
    return newer(version);
  }
  const std::optional<HeadShape> shape = head_shape_of(bytes);
  if (!shape) {
    return corrupt("head");
  }
  RecordView record;
  load_head(bytes, *shape, record.head);
  if (record.head.recorded_at < base::kTimestampMin ||
      record.head.recorded_at > base::kTimestampMax) {
    return corrupt("recorded_at");
  }
  ASSIGN_OR_RETURN(record.event, decode_event(bytes.substr(shape->end)));
  if (shape->has_made_id != record.event.id.empty() ||
      shape->has_made_id == record.head.made_id.is_nil()) {
    return corrupt("id");
  }
  if (shape->has_made_id) {
    record.head.made_id.write_text(made_id_text);
    record.event.id = {made_id_text, kUuidTextBytes};
  }
  return record;
}

}  // namespace

std::size_t LogIdHash::operator()(const LogId& log) const {
  // Odd and even, so that the two logs of an organisation differ in every table size.
  return base::UuidHash{}(log.org) * 2 + static_cast<std::size_t>(log.kind);
}

void append_record(base::Bytes& out, const RecordHead& head, base::ByteView encoded_event) {
  bool has_made_id = !head.made_id.is_nil();
  out.reserve(out.size() + kHeadBytes + kUuidBytes + encoded_event.size());
  base::put_u8(out, head.seed.is_key ? kVersionSeedKey : kVersionOwnSeed);
  base::put_u8(out, has_made_id ? kHasMadeId : 0);
  base::put_be64(out, head.seq);
  base::put_be64(out, static_cast<std::uint64_t>(head.recorded_at.micros));
  out.append(as_bytes(head.seed.bytes));
  if (has_made_id) {
    out.append(head.made_id.as_bytes());
  }
  out.append(encoded_event);
}

std::optional<HeadShape> head_shape_of(base::ByteView bytes) {
  if (bytes.size() < kHeadBytes) {
    return std::nullopt;
  }
  const auto version = static_cast<std::uint8_t>(bytes[0]);
  if (version < kVersionOwnSeed || version > kVersionSeedKey) {
    return std::nullopt;
  }
  const auto flags = static_cast<std::uint8_t>(bytes[1]);
  const bool has_made_id = flags == kHasMadeId;
  const std::size_t end = kHeadBytes + (has_made_id ? kUuidBytes : 0);
  if (flags > kHasMadeId || bytes.size() < end) {
    return std::nullopt;
  }
  return HeadShape{.has_made_id = has_made_id, .end = end};
}

base::Result<Record> Record::decode(base::ByteView bytes) {
  Record record;
  record.storage_.resize(bytes.size() + kUuidTextBytes);
  if (!bytes.empty()) {
    std::memcpy(record.storage_.data(), bytes.data(), bytes.size());
  }
  record.bytes_ = {record.storage_.data(), bytes.size()};
  ASSIGN_OR_RETURN(RecordView view,
                   decode_with(record.bytes_, record.storage_.data() + bytes.size()));
  record.head_ = view.head;
  record.event_ = view.event;
  return record;
}

Record::Record(const Record& other) {
  *this = other;
}

Record& Record::operator=(const Record& other) {
  if (this != &other) {
    *this = decode(other.bytes_).value();
  }
  return *this;
}

Record::Record(Record&&) noexcept = default;
Record& Record::operator=(Record&&) noexcept = default;

base::Result<RecordView> decode_record(base::ByteView bytes, std::array<char, 36>& scratch) {
  return decode_with(bytes, scratch.data());
}

std::uint64_t seq_of(base::ByteView bytes) {
  return place_of(bytes).seq;
}

RecordPlace place_of(base::ByteView bytes) {
  return bytes.size() < kHeadBytes ? RecordPlace{}
                                   : RecordPlace{.seq = base::load_be64(bytes.data() + kSeqAt),
                                                 .recorded_at = load_recorded_at(bytes)};
}

RecordView view_of(const Record& record) {
  return {record.head(), record.event()};
}

void append_made_id(base::Bytes& out, base::ByteView bytes) {
  const std::optional<HeadShape> shape = head_shape_of(bytes);
  if (shape && shape->has_made_id) {
    base::Uuid id;
    std::memcpy(id.bytes.data(), bytes.data() + kHeadBytes, kUuidBytes);
    out.resize(out.size() + kUuidTextBytes);
    id.write_text(out.data() + out.size() - kUuidTextBytes);
  }
}

}  // namespace piperoll::event
