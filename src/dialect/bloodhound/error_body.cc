#include "dialect/bloodhound/error_body.h"

#include "base/json.h"
#include "dialect/common/failure.h"

namespace piperoll::dialect::bloodhound {
namespace {

// As Go's encoder writes strings: what could be taken for HTML is escaped. In JSON these characters
// appear inside strings only.
std::string html_safe(std::string_view json) {
  std::string out;
  for (char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else if (c == '>') {
      out += "\\u003e";
    } else if (c == '&') {
      out += "\\u0026";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

int status_of(const base::Error& error) {
  return error.code == "timeout" ? 500 : http_status_of(error);
}

std::string_view message_of(int http_status, const base::Error& error) {
  if (error.code == "timeout") {
    return "request timed out";
  }
  if (error.code == "bad_credential") {
    return "Token Authorization failed.";
  }
  if (error.code == "org_disabled") {
    return error.message;  // a state BloodHound does not have
  }
  switch (http_status) {
    case 401:
      return "not authenticated";
    case 403:
      return "not authorized";
    case 404:
      return "resource not found";
    case 500:
      return "an internal error has occurred that is preventing the service from servicing this "
             "request";
    default:
      return error.message;
  }
}

}  // namespace

wire::Response error_body(const ErrorContext& context, int http_status, std::string_view message) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object().key("http_status").integer(http_status);
  json.member("timestamp", base::format_rfc3339_trimmed(context.now));
  json.member("request_id", context.request_id);
  json.key("errors").begin_array().begin_object();
  json.member("context", "").member("message", message);
  json.end_object().end_array().end_object();
  return wire::make_response(http_status, "application/json", html_safe(body));
}

wire::Response error_body(const ErrorContext& context, const base::Error& error) {
  int status = status_of(error);
  std::string of_signature =
      context.signed_at ? signature_message(error, *context.signed_at, context.now) : "";
  wire::Response response =
      error_body(context, status, of_signature.empty() ? message_of(status, error) : of_signature);
  add_retry_after(response);
  return response;
}

}  // namespace piperoll::dialect::bloodhound
