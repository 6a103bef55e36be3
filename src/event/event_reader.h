#pragma once
// EventReader: a JSON event straight into its binary form. One thread at a time; reuse it.

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/json.h"
#include "base/json_cursor.h"
#include "base/result.h"
#include "event/event_batch.h"

namespace piperoll::event {

class EventReader {
 public:
  // The event that the whole of json is, encoded behind what the arena holds: what JsonParser and
  // read_event (event_json.h) make of it. Errors are theirs; the arena is then as it was.
  base::Result<EncodedEvent> read(std::string_view json, base::Bytes& arena);

  // The same for the event at the cursor, where it is certain to be good; then the cursor stands
  // behind it. Nothing: read_event must be asked; the arena is as it was, the cursor anywhere.
  std::optional<EncodedEvent> take(base::JsonCursor& cursor, base::Bytes& arena);

 private:
  base::JsonParser parser_;
  base::Bytes made_;  // texts of one event that are not in its JSON as they must be
};

}  // namespace piperoll::event
