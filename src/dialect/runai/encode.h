#pragma once
// Outcomes -> a bare JSON array of audit logs. Pure functions.

#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::runai {

// download: the array is offered as the file logs.json.
wire::Response encode_logs(operation::Reply&& reply, bool download);

}  // namespace piperoll::dialect::runai
