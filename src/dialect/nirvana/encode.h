#pragma once
// Answers in Nirvana's words. Pure functions.

#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::nirvana {

wire::Response encode_list(operation::Reply&& reply);
wire::Response encode_get(operation::Reply&& reply);

// {"message":…}; x-should-retry: false where asking again is useless.
wire::Response encode_error(const base::Error& error);
wire::Response error_response(int status, std::string_view message);

}  // namespace piperoll::dialect::nirvana
