#include "ingest/frame.h"

#include "base/coding.h"

namespace piperoll::ingest {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kEventTag = 1;
constexpr std::uint8_t kControlTag = 2;

base::Error damaged(const char* what) {
  return {.kind = base::ErrorKind::Corruption, .message = std::string("journal frame: ") + what};
}

base::Result<store::AppliedRecord> read_event(base::Decoder& in) {
  store::AppliedRecord record;
  base::ByteView org = in.bytes(16);
  std::uint8_t kind = in.u8();
  in.string();  // a digest of the content, once
  record.bytes = in.bytes(in.be32());
  if (!in.ok() || kind > 1) {
    return damaged("an event record is damaged");
  }
  record.kind = store::AppliedRecord::Kind::Event;
  record.log = {base::Uuid::from_bytes(org), static_cast<event::LogKind>(kind)};
  return record;
}

}  // namespace

void begin_frame(base::Bytes& out) {
  base::put_u8(out, kVersion);
}

void add_event(base::Bytes& out, const event::LogId& log, const event::RecordHead& head,
               base::ByteView encoded_event) {
  base::put_u8(out, kEventTag);
  out.append(log.org.as_bytes());
  base::put_u8(out, static_cast<std::uint8_t>(log.kind));
  base::put_string(out, {});
  // The length goes before what it counts: a fixed-width one can be patched in.
  const std::size_t length_at = out.size();
  base::put_be32(out, 0);
  event::append_record(out, head, encoded_event);
  base::store_be32(out.data() + length_at, static_cast<std::uint32_t>(out.size() - length_at - 4));
}

void add_control(base::Bytes& out, base::ByteView control) {
  base::put_u8(out, kControlTag);
  base::put_string(out, control);
}

base::Result<void> read_frame(base::ByteView payload, std::vector<store::AppliedRecord>& out) {
  base::Decoder in(payload);
  std::uint8_t version = in.u8();
  if (in.ok() && version > kVersion) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "journal frame of version " + std::to_string(version) +
                                  ", written by a newer piperoll; this one reads up to " +
                                  std::to_string(kVersion),
                       .code = "newer_format"};
  }
  if (!in.ok() || version == 0) {
    return damaged("no version");
  }
  while (!in.at_end()) {
    std::uint8_t tag = in.u8();
    if (tag == kEventTag) {
      ASSIGN_OR_RETURN(store::AppliedRecord record, read_event(in));
      out.push_back(record);
    } else if (tag == kControlTag) {
      out.push_back({.kind = store::AppliedRecord::Kind::Control, .bytes = in.string()});
      if (!in.ok()) {
        return damaged("a control record is damaged");
      }
    } else {
      return damaged("unknown kind of record");
    }
  }
  return {};
}

}  // namespace piperoll::ingest
