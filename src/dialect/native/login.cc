#include "dialect/native/login.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "auth/login_attempts.h"
#include "base/json.h"
#include "dialect/native/session.h"

namespace piperoll::dialect::native {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kStart = "/v1/session/oidc/start";
constexpr std::string_view kSuffix = "_login";
constexpr std::int64_t kSeconds = auth::LoginAttempts::kLifetimeMicros / base::kMicrosPerSecond;

// Codes and states are in the address that the browser comes from: it is told to nobody.
wire::Response see_other(std::string address) {
  wire::Response response;
  response.status = 303;
  response.set("Location", std::move(address));
  response.set("Cache-Control", "no-store");
  response.set("Referrer-Policy", "no-referrer");
  return response;
}

Result<void> check_once(const wire::Parameters& parameters,
                        std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    if (std::count_if(parameters.begin(), parameters.end(),
                      [&](const auto& parameter) { return parameter.first == name; }) > 1) {
      return Error{.kind = ErrorKind::InvalidArgument,
                   .message = std::string(name) + " is there twice",
                   .code = "invalid_parameter",
                   .faults = {{std::string(name), "is there twice"}}};
    }
  }
  return {};
}

}  // namespace

wire::Response encode_logins(const NativeOptions& options) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object().key("logins").begin_array();
  for (const std::string& name : options.logins) {
    json.begin_object().member("name", name);
    json.member("start", std::string(kStart) + "?issuer=" + wire::percent_encode(name));
    json.end_object();
  }
  json.end_array().end_object();
  wire::Response response = wire::make_response(200, "application/json", std::move(body));
  response.set("Cache-Control", "no-store");
  return response;
}

Result<operation::Operation> read_login_start(const wire::Request& request,
                                              ParameterReader& parameters,
                                              const NativeOptions& options) {
  RETURN_IF_ERROR(check_login_allowed(request, options));
  operation::BeginLogin begin;
  begin.issuer = parameters.take("issuer").value_or("");
  begin.return_to = parameters.take("return_to").value_or("/");
  RETURN_IF_ERROR(parameters.finish());
  return operation::Operation(std::move(begin));
}

wire::Response encode_login_begun(const operation::LoginBegun& begun, bool tls,
                                  const NativeOptions& options) {
  wire::Response response = see_other(begun.address);
  set_cookie(response, cookie_name(options, tls, kSuffix), begun.browser, kSeconds,
             tls ? "; HttpOnly; Secure" : "; HttpOnly");
  return response;
}

Result<auth::Credential> read_login_return(const wire::Request& request,
                                           const wire::Parameters& parameters,
                                           const NativeOptions& options) {
  RETURN_IF_ERROR(check_tls(request, options));
  RETURN_IF_ERROR(check_once(parameters, {"state", "code", "error", "iss"}));
  const auto text = [&](std::string_view name) {
    return std::string(wire::find(parameters, name).value_or(""));
  };
  auth::IssuerReturn returned{
      .state = text("state"),
      .code = text("code"),
      .error = text("error"),
      .issuer = text("iss"),
      .browser =
          std::string(request.cookie(cookie_name(options, request.tls, kSuffix)).value_or(""))};
  auth::Credential credential{.kind = auth::Credential::Kind::IssuerReturn};
  credential.issuer_return = std::make_shared<const auth::IssuerReturn>(std::move(returned));
  return credential;
}

wire::Response encode_login_finished(const operation::SessionStarted& started, bool tls,
                                     const NativeOptions& options) {
  wire::Response response = see_other(started.return_to);
  set_session_cookies(response, started, tls, options);
  set_cookie(response, cookie_name(options, tls, kSuffix), "", 0,
             tls ? "; HttpOnly; Secure" : "; HttpOnly");
  return response;
}

bool is_for_people(const wire::Request& request) {
  return request.header("Accept").value_or("").find("text/html") != std::string_view::npos;
}

wire::Response encode_login_refused(wire::Response problem, const Error& error, bool for_people) {
  return for_people ? see_other("/?login_error=" + wire::percent_encode(error.code))
                    : std::move(problem);
}

}  // namespace piperoll::dialect::native
