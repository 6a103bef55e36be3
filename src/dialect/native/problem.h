#pragma once
// Errors of the native surface: application/problem+json (RFC 9457). Pure functions.

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// {"type","title","status","detail","code","errors":[{"pointer","detail"}],"request_id"}, with
// WWW-Authenticate on 401 and Retry-After on 429 and 503.
wire::Response problem(const base::Error& error, std::string_view request_id);
wire::Response problem(int status, const base::Error& error, std::string_view request_id);
wire::Response not_found(std::string_view path, std::string_view request_id);
wire::Response method_not_allowed(std::string_view allow, std::string_view request_id);

// The members of an error inside a batch answer: {"code","detail","errors":[…]}.
void write_error(base::JsonWriter& json, const base::Error& error);

}  // namespace piperoll::dialect::native
