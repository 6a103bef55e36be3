#pragma once
// Record: an event with its place in a log, as it is stored, journalled, hashed and shown.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "event/event.h"

namespace piperoll::event {

// Each organisation has two logs, each with its own dense sequence and its own tree.
enum class LogKind : std::uint8_t { Events = 0, Access = 1 };

struct LogId {
  base::Uuid org;
  LogKind kind = LogKind::Events;
  auto operator<=>(const LogId&) const = default;
};

struct LogIdHash {
  std::size_t operator()(const LogId& log) const;
};

using RecordSeed = std::array<std::uint8_t, 32>;  // K of the leaf format
// Valid while the seed is.
inline base::ByteView as_bytes(const RecordSeed& seed) {
  return {reinterpret_cast<const char*>(seed.data()), seed.size()};
}

// What a record keeps of its seed. Never shown: evidence/record_seeds.h makes the seed of it.
struct SeedSource {
  RecordSeed bytes{};
  bool is_key = false;  // that records around it share, and its seed follows from; else its seed
  bool operator==(const SeedSource&) const = default;
};
// Records whose seqs divided by this are the same may share a key.
inline constexpr std::uint64_t kSeedRunRecords = 16;

// What the server adds to an event.
struct RecordHead {
  std::uint64_t seq = 0;  // dense from 0 in its log; leaf index
  Timestamp recorded_at;  // never decreases within a log
  SeedSource seed;
  base::Uuid made_id;  // id made by the server; nil if the caller chose one
};

// Where a record stands in its log, and since when.
struct RecordPlace {
  std::uint64_t seq = 0;
  Timestamp recorded_at;
};

// Appends head, then the encoded event (event_encoding.h), in the format of
// docs/formats/record.md. encoded_event must come from encode_event.
void append_record(base::Bytes& out, const RecordHead& head, base::ByteView encoded_event);

// Where the bytes of SeedSource stand in a record. A made id follows, then the encoded event.
inline constexpr std::size_t kRecordSeedAt = 18;
inline constexpr std::size_t kRecordMadeIdAt = kRecordSeedAt + sizeof(RecordSeed);
struct HeadShape {
  bool has_made_id = false;
  std::size_t end = 0;  // where the encoded event begins
};
// Without decoding the record. Nothing for bytes that begin as no record does.
std::optional<HeadShape> head_shape_of(base::ByteView bytes);

// A record that owns its bytes, with views into them. Movable and copyable value.
class Record {
 public:
  // Takes one whole record. Corruption when the bytes are not one.
  static base::Result<Record> decode(base::ByteView bytes);
  Record(const Record& other);
  Record& operator=(const Record& other);
  Record(Record&&) noexcept;
  Record& operator=(Record&&) noexcept;
  ~Record() = default;

  std::uint64_t seq() const { return head_.seq; }
  Timestamp recorded_at() const { return head_.recorded_at; }
  const RecordHead& head() const { return head_; }
  const EventView& event() const { return event_; }  // its id is set, whoever made it
  // occurred_at, or recorded_at where the caller left it out.
  Timestamp occurred_at() const { return event_.occurred_at.value_or(head_.recorded_at); }
  base::ByteView bytes() const { return bytes_; }

 private:
  Record() = default;
  std::vector<char> storage_;  // the bytes, then the text of a server-made id; stays put when moved
  base::ByteView bytes_;
  RecordHead head_;
  EventView event_;
};

// The same without owning: views into bytes and into scratch, both of which must outlive it.
struct RecordView {
  RecordHead head;
  EventView event;
  std::uint64_t seq() const { return head.seq; }
  Timestamp recorded_at() const { return head.recorded_at; }
  Timestamp occurred_at() const { return event.occurred_at.value_or(head.recorded_at); }
};
// scratch receives the text of a server-made id. Corruption when the bytes are not one record.
base::Result<RecordView> decode_record(base::ByteView bytes, std::array<char, 36>& scratch);
RecordView view_of(const Record& record);
// Of bytes that decode_record() takes; of others anything.
std::uint64_t seq_of(base::ByteView bytes);
RecordPlace place_of(base::ByteView bytes);
// Appends the text of the id that the server made; nothing if the caller chose one. For bytes that
// decode_record() takes; others append nothing or anything of that length.
void append_made_id(base::Bytes& out, base::ByteView bytes);

}  // namespace piperoll::event
