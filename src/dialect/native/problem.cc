#include "dialect/native/problem.h"

#include "dialect/common/failure.h"

namespace piperoll::dialect::native {
namespace {

// A finer word where there is one.
std::string code_of(const base::Error& error) {
  return error.code.empty() ? std::string(base::to_string(error.kind)) : error.code;
}

void write_faults(base::JsonWriter& json, const base::Error& error) {
  json.key("errors").begin_array();
  for (const base::Fault& fault : error.faults) {
    json.begin_object();
    json.member("pointer", fault.pointer);
    json.member("detail", fault.detail);
    json.end_object();
  }
  json.end_array();
}

int status_of(const base::Error& error) {
  // The application is named in the body: the address was found.
  if (error.code == "application_not_found") {
    return 400;
  }
  return http_status_of(error);
}

}  // namespace

wire::Response problem(int status, const base::Error& error, std::string_view request_id) {
  std::string body;
  base::JsonWriter json(body);
  const std::string code = code_of(error);
  json.begin_object();
  json.member("type", "urn:piperoll:problem:" + code);
  json.member("title", wire::reason_phrase(status));
  json.key("status").integer(status);
  json.member("detail", error.message);
  json.member("code", code);
  write_faults(json, error);
  json.member("request_id", request_id);
  json.end_object();
  wire::Response response =
      wire::make_response(status, "application/problem+json", std::move(body));
  if (status == 401) {
    response.set("WWW-Authenticate", error.code == "no_credential"
                                         ? "Bearer realm=\"piperoll\""
                                         : "Bearer realm=\"piperoll\", error=\"invalid_token\"");
  }
  if (error.code == "tile_not_found") {
    response.set("Cache-Control", "no-store");  // it may be there a moment later
  }
  add_retry_after(response);
  return response;
}

wire::Response problem(const base::Error& error, std::string_view request_id) {
  return problem(status_of(error), error, request_id);
}

wire::Response not_found(std::string_view path, std::string_view request_id) {
  return problem(404,
                 {.kind = base::ErrorKind::NotFound,
                  .message = "nothing is at " + std::string(path.substr(0, 200)) +
                             "; the addresses are listed in /openapi.json",
                  .code = "path_not_found"},
                 request_id);
}

wire::Response method_not_allowed(std::string_view allow, std::string_view request_id) {
  wire::Response response = problem(405,
                                    {.kind = base::ErrorKind::InvalidArgument,
                                     .message = "this address takes " + std::string(allow),
                                     .code = "method_not_allowed"},
                                    request_id);
  response.set("Allow", std::string(allow));
  return response;
}

void write_error(base::JsonWriter& json, const base::Error& error) {
  json.begin_object();
  json.member("code", code_of(error));
  json.member("detail", error.message);
  write_faults(json, error);
  json.end_object();
}

}  // namespace piperoll::dialect::native
