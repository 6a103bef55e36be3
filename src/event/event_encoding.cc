#include "event/event_encoding.h"

#include <cstring>

#include "base/check.h"
#include "base/short_bytes.h"
#include "base/uuid.h"
#include "event/event_limits.h"

namespace piperoll::event {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeadBytes = 5;    // version, flags
constexpr unsigned kSeverityShift = 26;  // flags: 26 presence bits, 3 of severity, 2 of status
constexpr unsigned kStatusShift = 29;
constexpr unsigned kZeroShift = 31;
constexpr std::size_t kTimeBytes = 8;
constexpr std::uint8_t kNoTime = 0xff;      // no time ends so: kTimestampMax < 2^58
constexpr std::size_t kLengthBytesMax = 5;  // varint of a length below 2^35
constexpr std::uint32_t kIdBit = 1U << 0;
constexpr std::uint32_t kApplicationBits = 3U << 14;  // id and key; the order is that of walk()

// The members in the order of the format. Each call but required() takes the next presence bit; a
// defaulted() text is absent from the bytes when it equals its default.
template <class EventLike, class Visitor>
void walk(EventLike& event, Visitor& visit) {
  visit.required(event.action);
  visit.defaulted(event.id, "");
  visit.optional(event.source);
  visit.defaulted(event.category, kDefaultCategory);
  visit.optional(event.summary);
  visit.optional(event.error);
  visit.optional(event.commit_id);
  visit.defaulted(event.version, kDefaultVersion);
  visit.optional(event.actor.id);
  visit.optional(event.actor.type);
  visit.optional(event.actor.name);
  visit.optional(event.actor.email);
  visit.optional(event.target.id);
  visit.optional(event.target.type);
  visit.optional(event.target.name);
  visit.optional(event.application.id);
  visit.optional(event.application.key);
  visit.optional(event.cluster_id);
  visit.optional(event.request.id);
  visit.optional(event.request.ip);
  visit.optional(event.request.method);
  visit.optional(event.request.path);
  visit.status_code(event.request.status_code);
  visit.optional(event.request.user_agent);
  visit.object(event.context);
  visit.object(event.params);
  visit.object(event.metadata);
}

// At most so many bytes will be written.
class Measure {
 public:
  void required(std::string_view text) { add(text); }
  void defaulted(std::string_view text, std::string_view) { add(text); }
  void optional(const std::optional<std::string_view>& text) {
    if (text) {
      add(*text);
    }
  }
  void status_code(const std::optional<std::uint16_t>&) { bytes_ += 2; }
  void object(std::string_view text) { add(text); }
  std::size_t bytes() const { return bytes_; }

 private:
  void add(std::string_view text) { bytes_ += kLengthBytesMax + text.size(); }
  std::size_t bytes_ = kHeadBytes + kTimeBytes;
};

// Writes to memory that Measure has found large enough.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}

  void required(std::string_view text) { put(text); }
  void defaulted(std::string_view text, std::string_view absent) {
    if (text != absent) {
      flags_ |= bit_;
      put(text);
    }
    bit_ <<= 1;
  }
  void optional(const std::optional<std::string_view>& text) {
    if (text) {
      flags_ |= bit_;
      put(*text);
    }
    bit_ <<= 1;
  }
  void status_code(const std::optional<std::uint16_t>& code) {
    if (code) {
      flags_ |= bit_;
      *at_++ = static_cast<char>(*code & 0xff);
      *at_++ = static_cast<char>(*code >> 8);
    }
    bit_ <<= 1;
  }
  void object(std::string_view text) { defaulted(text, ""); }

  void time(const std::optional<Timestamp>& time) {
    if (!time) {
      *at_++ = static_cast<char>(kNoTime);
      return;
    }
    auto micros = static_cast<std::uint64_t>(time->micros);
    for (std::size_t i = 0; i < kTimeBytes; ++i) {
      *at_++ = static_cast<char>(micros >> (8 * i));
    }
  }
  std::uint32_t flags() const { return flags_; }
  char* at() const { return at_; }

 private:
  void put(std::string_view text) {
    std::size_t length = text.size();
    while (length >= 0x80) {
      *at_++ = static_cast<char>(length | 0x80);
      length >>= 7;
    }
    *at_++ = static_cast<char>(length);
    at_ = base::copy_text(at_, text);
  }

  char* at_;
  std::uint32_t flags_ = 0;
  std::uint32_t bit_ = 1;
};

// Reads [at, end) and stays failed after the first failure.
class Reader {
 public:
  Reader(const char* at, const char* end, std::uint32_t flags)
      : at_(at), end_(end), flags_(flags) {}

  void required(std::string_view& text) { text = take(); }
  void defaulted(std::string_view& text, std::string_view absent) {
    if (present()) {
      text = take();
      ok_ = ok_ && text != absent;
    } else {
      text = absent;
    }
  }
  void optional(std::optional<std::string_view>& text) {
    if (present()) {
      text.emplace(take());
    }
  }
  void status_code(std::optional<std::uint16_t>& code) {
    if (!present()) {
      return;
    }
    if (end_ - at_ < 2) {
      fail();
      return;
    }
    int value = byte(at_) | byte(at_ + 1) << 8;
    at_ += 2;
    ok_ = ok_ && value >= kStatusCodeMin && value <= kStatusCodeMax;
    code = static_cast<std::uint16_t>(value);
  }
  void object(std::string_view& text) {
    if (present()) {
      text = take();
      ok_ = ok_ && text.size() > 2 && text.front() == '{' && text.back() == '}';
    }
  }
  bool ok() const { return ok_; }
  const char* at() const { return at_; }
  bool at_end() const { return at_ == end_; }
  bool finished() const { return ok_ && at_end(); }

 private:
  static std::uint8_t byte(const char* at) { return static_cast<std::uint8_t>(*at); }

  bool present() {
    bool set = (flags_ & bit_) != 0;
    bit_ <<= 1;
    return set;
  }

  void fail() {
    ok_ = false;
    at_ = end_;
  }

  // A length in as few bytes as it takes.
  std::size_t long_length() {
    std::size_t length = 0;
    for (unsigned shift = 0; shift < 7 * kLengthBytesMax && at_ != end_; shift += 7) {
      std::uint8_t next = byte(at_++);
      length |= static_cast<std::size_t>(next & 0x7f) << shift;
      if (next < 0x80) {
        ok_ = ok_ && (next != 0 || shift == 0);
        return length;
      }
    }
    ok_ = false;
    return 0;
  }

  std::string_view take() {
    if (at_ == end_) {
      fail();
      return {};
    }
    std::size_t length = byte(at_) < 0x80 ? byte(at_++) : long_length();
    if (length > static_cast<std::size_t>(end_ - at_)) {
      fail();
      return {};
    }
    std::string_view text(at_, length);
    at_ += length;
    return text;
  }

  const char* at_;
  const char* end_;
  std::uint32_t flags_;
  std::uint32_t bit_ = 1;
  bool ok_ = true;
};

base::Error corrupt(std::string detail) {
  return {.kind = base::ErrorKind::Corruption,
          .message = "a stored event is damaged",
          .code = "damaged_event",
          .detail = std::move(detail)};
}

base::Error newer(std::uint8_t version) {
  return {.kind = base::ErrorKind::Corruption,
          .message = "a stored event has a format newer than this program",
          .code = "newer_format",
          .detail = "event format " + std::to_string(version)};
}

std::size_t tail_bytes(base::ByteView encoded) {
  return static_cast<std::uint8_t>(encoded.back()) == kNoTime ? 1 : kTimeBytes;
}

std::uint32_t load_flags(const char* at) {
  std::uint32_t flags = 0;
  for (unsigned i = 0; i < 4; ++i) {
    flags |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(at[i])) << (8 * i);
  }
  return flags;
}

bool load_time(base::ByteView tail, std::optional<Timestamp>& time) {
  if (tail.size() == 1) {
    return true;
  }
  std::uint64_t micros = 0;
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    micros |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(tail[i])) << (8 * i);
  }
  time = Timestamp{static_cast<std::int64_t>(micros)};
  return *time >= base::kTimestampMin && *time <= base::kTimestampMax;
}

}  // namespace

base::Bytes encode_event(const EventView& event) {
  base::Bytes out;
  append_encoded_event(out, event);
  return out;
}

void append_encoded_event(base::Bytes& out, const EventView& event) {
  CHECK(event.severity <= Severity::None && event.status <= Status::Failure);
  Measure measure;
  walk(event, measure);
  std::size_t start = out.size();
  out.resize(start + measure.bytes());
  char* head = out.data() + start;
  Writer writer(head + kHeadBytes);
  walk(event, writer);
  writer.time(event.occurred_at);
  std::uint32_t flags = writer.flags() |
                        static_cast<std::uint32_t>(event.severity) << kSeverityShift |
                        static_cast<std::uint32_t>(event.status) << kStatusShift;
  head[0] = static_cast<char>(kVersion);
  for (unsigned i = 0; i < 4; ++i) {
    head[1 + i] = static_cast<char>(flags >> (8 * i));
  }
  out.resize(static_cast<std::size_t>(writer.at() - out.data()));
}

base::Result<EventView> decode_event(base::ByteView bytes) {
  if (bytes.empty()) {
    return corrupt("no bytes");
  }
  auto version = static_cast<std::uint8_t>(bytes.front());
  if (version > kVersion) {
    return newer(version);
  }
  if (version != kVersion || bytes.size() < kHeadBytes + tail_bytes(bytes)) {
    return corrupt("version 0, or too short");
  }
  std::uint32_t flags = load_flags(bytes.data() + 1);
  std::uint32_t severity = flags >> kSeverityShift & 7;
  std::uint32_t status = flags >> kStatusShift & 3;
  if (flags >> kZeroShift != 0 || severity > static_cast<std::uint32_t>(Severity::None) ||
      status > static_cast<std::uint32_t>(Status::Failure)) {
    return corrupt("flags " + std::to_string(flags));
  }
  EventView event;
  event.severity = static_cast<Severity>(severity);
  event.status = static_cast<Status>(status);
  base::ByteView body = fingerprint_part(bytes);
  Reader reader(body.data() + kHeadBytes, body.data() + body.size(), flags);
  walk(event, reader);
  if (!reader.finished() || !load_time(bytes.substr(body.size()), event.occurred_at)) {
    return corrupt("lengths or values of members");
  }
  return event;
}

EncodedHead head_of(base::ByteView encoded) {
  CHECK(encoded.size() >= kHeadBytes + tail_bytes(encoded));
  const std::uint32_t flags = load_flags(encoded.data() + 1);
  const base::ByteView body = fingerprint_part(encoded);
  EncodedHead head{.names_application = (flags & kApplicationBits) != 0};
  load_time(encoded.substr(body.size()), head.occurred_at);
  if ((flags & kIdBit) != 0) {
    Reader reader(body.data() + kHeadBytes, body.data() + body.size(), flags);
    std::string_view action;
    reader.required(action);
    reader.defaulted(head.id, "");
  }
  return head;
}

std::optional<std::size_t> uuid_text_at(base::ByteView encoded) {
  if (encoded.size() < kHeadBytes || static_cast<std::uint8_t>(encoded.front()) != kVersion) {
    return std::nullopt;
  }
  const std::uint32_t flags = load_flags(encoded.data() + 1);
  if ((flags & kIdBit) == 0) {
    return std::nullopt;
  }
  Reader reader(encoded.data() + kHeadBytes, encoded.data() + encoded.size(), flags);
  std::string_view action;
  reader.required(action);
  if (!reader.ok() || reader.at_end() ||
      static_cast<std::uint8_t>(*reader.at()) != base::Uuid::kTextBytes) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(reader.at() + 1 - encoded.data());
}

base::ByteView fingerprint_part(base::ByteView encoded) {
  if (encoded.empty() || encoded.size() < tail_bytes(encoded)) {
    return encoded;
  }
  return encoded.substr(0, encoded.size() - tail_bytes(encoded));
}

}  // namespace piperoll::event
