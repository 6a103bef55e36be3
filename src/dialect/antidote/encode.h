#pragma once
// Answers in Antidote's words. Pure functions.

#include "dialect/antidote/decode.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::antidote {

wire::Response encode_created(operation::Reply&& reply);
wire::Response encode_list(const Paging& paging, operation::Reply&& reply);
wire::Response encode_got(operation::Reply&& reply);

// {"error":{"code","message"}}; a 422 has the framework's detail array too.
wire::Response encode_error(const base::Error& error);
wire::Response error_response(int status, std::string_view code, std::string_view message);

}  // namespace piperoll::dialect::antidote
