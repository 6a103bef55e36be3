#pragma once
// Outcomes -> Frontier's answers. Pure functions.

#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::frontier {

wire::Response encode_create(operation::Reply&& reply);  // 200 {}
wire::Response encode_list(operation::Reply&& reply);    // 200 {"logs":[...]}
wire::Response encode_get(operation::Reply&& reply);     // 200 {"log":{...}}

}  // namespace piperoll::dialect::frontier
