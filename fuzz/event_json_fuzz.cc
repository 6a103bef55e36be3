// An event as a client may send it: what is accepted survives every form that we keep it in.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "event/canonical_scan.h"
#include "event/event_encoding.h"
#include "event/event_json.h"
#include "event/event_reader.h"
#include "event/event_validate.h"
#include "event/fields.h"

using namespace piperoll;

namespace {

void scan(std::string_view text) {
  std::vector<std::string> strings;
  event::append_string_values(strings, text);
  event::depth_of(text);
  event::find_path(text, "a.b.c");
  event::find_path(text, text);
}

void check_round_trips(const event::Event& event) {
  event::Event again = event;
  CHECK(event::validate(again).has_value() && again == event);

  std::string json = event::canonical_json(event::view_of(event));
  base::JsonParser parser;
  auto value = parser.parse(json);
  CHECK(value.has_value());
  auto read = event::read_event(*value);
  CHECK(read.has_value() && *read == event);

  base::Bytes bytes = event::encode_event(event::view_of(event));
  auto decoded = event::decode_event(bytes);
  CHECK(decoded.has_value() && event::own(*decoded) == event);

  event::RecordView record{.head = {}, .event = *decoded};
  std::string shown;
  event::write_record(shown, record, base::Uuid{}, {.seed = event::RecordSeed{}});
  CHECK(parser.parse(shown).has_value());
  event::texts_of(record);
}

// The short way into the binary form says what the long one does.
void check_reader(std::string_view text) {
  static event::EventReader reader;
  base::Bytes arena;
  auto encoded = reader.read(text, arena);
  base::JsonParser parser;
  auto value = parser.parse(text, {.depth_max = event::kDepthMax});
  auto event = value ? event::read_event(*value) : base::Result<event::Event>(value.error());
  CHECK(encoded.has_value() == event.has_value());
  if (event.has_value()) {
    CHECK(arena == event::encode_event(event::view_of(*event)));
  } else {
    CHECK(arena.empty() && encoded.error() == event.error());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  scan(text);
  check_reader(text);
  base::JsonParser parser;
  auto value = parser.parse(text, {.depth_max = 20});
  if (!value.has_value()) {
    return 0;
  }
  for (auto server : {event::ServerMembers::Refuse, event::ServerMembers::Ignore}) {
    auto event = event::read_event(*value, server, "/0");
    if (event.has_value()) {
      check_round_trips(*event);
    } else {
      CHECK(!event.error().faults.empty());
    }
  }
  return 0;
}
