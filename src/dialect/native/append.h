#pragma once
// POST /v1/events: one event, a batch as a JSON array or {"events":[…]}, or NDJSON. Pure functions.

#include <string>
#include <string_view>

#include "base/result.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

inline constexpr std::size_t kBatchEventsMax = 10'000;

enum class BodyForm { Json, Ndjson };
// From Content-Type; InvalidArgument (code "unsupported_media_type") for anything else.
base::Result<BodyForm> body_form(const wire::Request& request);

struct AppendBody {
  operation::AppendEvents events;
  bool batch = false;  // how the answer is worded
};
// An event that breaks a rule is an error among the events; an error of the whole: the body is no
// JSON (InvalidArgument), empty, or holds too many events (TooLarge).
base::Result<AppendBody> read_append_body(BodyForm form, std::string_view body);

struct AppendAnswer {
  bool batch = false;
  bool atomic = false;
  bool errors_only = false;  // ?results=errors
  std::string request_id;
};
wire::Response encode_appended(const AppendAnswer& answer, const operation::Appended& appended,
                               const base::Uuid& org);

}  // namespace piperoll::dialect::native
