#pragma once
// google.rpc.Status as Frontier's gateway shows it: {"code","message","details"}, the code one of
// google/rpc/code.proto. Pure functions.

#include <string_view>

#include "base/result.h"
#include "wire/message.h"

namespace piperoll::dialect::frontier {

enum class Code {
  InvalidArgument = 3,
  NotFound = 5,
  AlreadyExists = 6,
  PermissionDenied = 7,
  ResourceExhausted = 8,
  Unimplemented = 12,
  Internal = 13,
  Unavailable = 14,
  Unauthenticated = 16
};

wire::Response status_response(int http_status, Code code, std::string_view message);
// What was wrong with the request itself: 400, code 3.
wire::Response invalid_argument(std::string_view message);
// Every error of the service and of the HTTP front.
wire::Response error_response(const base::Error& error);

}  // namespace piperoll::dialect::frontier
