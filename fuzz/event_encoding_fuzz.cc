// Stored bytes that may be damaged: whatever is accepted is the one encoding of its event, and all
// that reads a record stays inside it. Divided into its parts, anything comes back.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "event/event_encoding.h"
#include "event/event_json.h"
#include "event/fields.h"
#include "event/record.h"
#include "event/record_parts.h"

using namespace piperoll;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);

  CHECK(event::fingerprint_part(bytes).size() <= size);
  auto decoded = event::decode_event(bytes);
  if (decoded.has_value()) {
    CHECK(event::encode_event(*decoded) == bytes);
  }

  std::string random, rest, again;
  const event::RandomPart part = event::divide_record(bytes, random, rest);
  CHECK(event::join_record(again, part, random, rest) && again == bytes);

  std::array<char, 36> scratch;
  auto record = event::decode_record(bytes, scratch);
  auto owned = event::Record::decode(bytes);
  CHECK(record.has_value() == owned.has_value());
  if (!record.has_value()) {
    return 0;
  }
  CHECK(record->event == owned->event() && !record->event.id.empty());
  event::FieldScratch room;
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    event::text_of(*record, static_cast<event::Field>(i), room);
  }
  event::text_of(*record, event::FieldRef{event::Field::Metadata, "a.b"}, room);
  event::texts_of(*record);
  std::string out;
  event::write_record(out, *record, base::Uuid{});
  return 0;
}
