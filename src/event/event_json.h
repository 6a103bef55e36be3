#pragma once
// Events as JSON: the native form of contract section 2, in and out. Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "event/event.h"
#include "event/record.h"

namespace piperoll::event {

// What an export adds to an event; read_event may be told to ignore them.
enum class ServerMembers { Refuse, Ignore };  // seq, recorded_at, org_id, seed

// A JSON object -> Event with defaults filled in, canonical and valid. All faults are reported, one
// per fault, each with a JSON Pointer (prefixed with pointer_base) and what is allowed. Unknown
// members are faults.
base::Result<Event> read_event(const base::JsonValue& value,
                               ServerMembers server_members = ServerMembers::Refuse,
                               std::string_view pointer_base = "");

// The status of an event that says none, from its error.
Status default_status(const std::optional<std::string_view>& error);

// An object of any JSON as canonical text; null and {} give "". For context, params, metadata.
// InvalidArgument when value is neither an object nor null.
base::Result<std::string> read_object(const base::JsonValue& value, std::string_view pointer);

// Appends the native JSON object of a record: the members that are present, in the order of
// contract section 2, then seq, recorded_at, org_id (seed: and that, base64url).
struct WriteOptions {
  std::optional<RecordSeed> seed = std::nullopt;
};
void write_record(std::string& out, const RecordView& record, const base::Uuid& org,
                  WriteOptions options = {});
// Canonical JSON (RFC 8785) of the event alone; what the size limit counts.
std::string canonical_json(const EventView& event);

}  // namespace piperoll::event
