#include "dialect/frontier/status.h"

#include <string>

#include "base/json.h"
#include "dialect/common/failure.h"

namespace piperoll::dialect::frontier {
namespace {

Code code_of(int http_status) {
  switch (http_status) {
    case 400:
    case 415:
      return Code::InvalidArgument;
    case 401:
      return Code::Unauthenticated;
    case 403:
      return Code::PermissionDenied;
    case 404:
      return Code::NotFound;
    case 409:
      return Code::AlreadyExists;
    case 413:
    case 429:
      return Code::ResourceExhausted;
    case 503:
      return Code::Unavailable;
    default:
      return Code::Internal;
  }
}

// Frontier's own words where it has some; never more than they say about what went wrong inside.
std::string_view message_of(int http_status, const base::Error& error) {
  if (error.code == "org_not_found") {
    return "org doesn't exist";
  }
  if (error.code == "event_not_found") {
    return "audit log doesn't exist";
  }
  switch (http_status) {
    case 401:
      return "not authenticated";
    case 403:
      return "not authorized";
    case 500:
      return "internal server error";
    default:
      return error.message;
  }
}

}  // namespace

wire::Response status_response(int http_status, Code code, std::string_view message) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object().key("code").integer(static_cast<int>(code));
  json.member("message", message).key("details").begin_array().end_array().end_object();
  return wire::make_response(http_status, "application/json", std::move(body));
}

wire::Response invalid_argument(std::string_view message) {
  return status_response(400, Code::InvalidArgument, message);
}

wire::Response error_response(const base::Error& error) {
  if (error.code == "org_disabled") {
    return status_response(404, Code::NotFound,
                           "org is disabled. Please contact your administrator to enable it");
  }
  int status = http_status_of(error);
  wire::Response response = status_response(status, code_of(status), message_of(status, error));
  if (status == 401) {
    response.set("WWW-Authenticate", "not authenticated");
  }
  add_retry_after(response);
  return response;
}

}  // namespace piperoll::dialect::frontier
