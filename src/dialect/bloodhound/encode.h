#pragma once
// Outcomes -> {"count","limit","skip","data":{"logs":[...]}}. Pure functions.

#include <cstdint>

#include "dialect/bloodhound/error_body.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::bloodhound {

// What the envelope repeats of the request.
struct PageEcho {
  std::int64_t limit = 0, skip = 0;
};

wire::Response encode_page(operation::Reply&& reply, const PageEcho& echo,
                           const ErrorContext& context);

}  // namespace piperoll::dialect::bloodhound
