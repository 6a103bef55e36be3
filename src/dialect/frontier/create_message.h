#pragma once
// The body of CreateOrganizationAuditLogs: protobuf's JSON form of a message. Names in snake_case
// and camelCase, null for absence, unknown names ignored, only the first JSON value of the body is
// read. Pure functions.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event.h"

namespace piperoll::dialect::frontier {

// The logs as events, in order, not checked against any rule yet: source and action may be empty.
// An empty body is an empty message. InvalidArgument for what is not JSON or of the wrong type.
base::Result<std::vector<event::Event>> read_create_message(std::string_view body);

}  // namespace piperoll::dialect::frontier
