#pragma once
// BloodHound's error envelope: {"http_status","timestamp","request_id","errors":[{"context",
// "message"}]}. Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/timestamp.h"
#include "dialect/bloodhound/signature.h"
#include "wire/message.h"

namespace piperoll::dialect::bloodhound {

// What an envelope says of its request.
struct ErrorContext {
  std::string request_id;
  base::Timestamp now;
  std::optional<ClientDate> signed_at = {};  // of a signed request
};

wire::Response error_body(const ErrorContext& context, int http_status, std::string_view message);
// Every error of the service and of the HTTP front, in BloodHound's words where it has some.
wire::Response error_body(const ErrorContext& context, const base::Error& error);

}  // namespace piperoll::dialect::bloodhound
