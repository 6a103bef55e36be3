#pragma once
// Run:ai's errors: {"code","message","details"?}, the code that of HTTP. Pure functions.

#include <string_view>

#include "base/result.h"
#include "wire/message.h"

namespace piperoll::dialect::runai {

// message is Run:ai's for the status; details may be empty, and is left out then.
wire::Response error_body(int http_status, std::string_view details);
// Every error of the service and of the HTTP front.
wire::Response error_body(const base::Error& error);

}  // namespace piperoll::dialect::runai
