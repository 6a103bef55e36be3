#include "dialect/runai/error_body.h"

#include <string>

#include "base/json.h"
#include "dialect/common/failure.h"

namespace piperoll::dialect::runai {
namespace {

// The five documented ones, and the rest in their manner.
std::string_view message_of(int http_status) {
  switch (http_status) {
    case 400:
      return "Bad request.";
    case 401:
      return "Issuer is not familiar.";
    case 403:
      return "You do not have sufficient permissions.";
    case 404:
      return "Not found.";
    case 405:
      return "Method not allowed.";
    case 409:
      return "Conflict.";
    case 413:
      return "Request is too large.";
    case 415:
      return "Unsupported media type.";
    case 429:
      return "Too many requests.";
    case 503:
      return "Please try again in few minutes.";
    default:
      return "Something went wrong.";
  }
}

// What helps the caller is said; who may do what, and what broke inside, is not.
bool says_details(int http_status) {
  return http_status != 401 && http_status != 403 && http_status != 500;
}

}  // namespace

wire::Response error_body(int http_status, std::string_view details) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object().key("code").integer(http_status);
  json.member("message", message_of(http_status));
  if (!details.empty()) {
    json.member("details", details);
  }
  json.end_object();
  return wire::make_response(http_status, "application/json", std::move(body));
}

wire::Response error_body(const base::Error& error) {
  int status = http_status_of(error);
  wire::Response response =
      error_body(status, says_details(status) ? std::string_view(error.message) : "");
  if (status == 401) {
    response.set("WWW-Authenticate", "Bearer");
  }
  add_retry_after(response);
  return response;
}

}  // namespace piperoll::dialect::runai
