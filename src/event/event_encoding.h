#pragma once
// The binary form of an event: what the journal and the rows hold. Versioned; byte table in
// docs/formats/event.md; golden files in event/testdata. Pure functions.

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "event/event.h"

namespace piperoll::event {

// Texts that are absent from the bytes.
inline constexpr std::string_view kDefaultCategory = "general";
inline constexpr std::string_view kDefaultVersion = "1";

// Version byte, then the members. occurred_at comes last, so that fingerprint_part() is a prefix.
// REQUIRES: a valid event (event_validate.h).
base::Bytes encode_event(const EventView& event);
void append_encoded_event(base::Bytes& out, const EventView& event);

// Views into bytes, which must outlive them. Corruption on anything encode_event cannot have made;
// a newer version is Corruption with code "newer_format".
base::Result<EventView> decode_event(base::ByteView bytes);

// What the write path must know of an event without decoding all of it.
struct EncodedHead {
  std::string_view id;  // view into encoded; empty: the server makes one
  std::optional<Timestamp> occurred_at;
  bool names_application = false;
};
// REQUIRES: what encode_event made.
EncodedHead head_of(base::ByteView encoded);

// Where the text of an event's id begins, if it takes as many bytes as a UUID's. For any bytes,
// which need not be whole: only those before that place are looked at.
std::optional<std::size_t> uuid_text_at(base::ByteView encoded);

// The part of an encoded event that decides whether two events have the same content
// (contract section 3): everything but occurred_at. A prefix of encoded.
base::ByteView fingerprint_part(base::ByteView encoded);

}  // namespace piperoll::event
