#include "dialect/native/session.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "auth/roles.h"
#include "base/address_range.h"
#include "dialect/common/call.h"
#include "dialect/native/append.h"
#include "dialect/native/body_reader.h"
#include "dialect/native/members.h"

namespace piperoll::dialect::native {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonWriter;
using base::Result;

constexpr std::string_view kCsrfHeader = "X-CSRF-Token";
constexpr std::string_view kCsrfSuffix = "_csrf";
constexpr auth::Right kRights[] = {auth::Right::Append, auth::Right::Find,
                                   auth::Right::Export, auth::Right::Prove,
                                   auth::Right::Manage, auth::Right::Administrate};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

// "https://host:port" of a Referer.
std::string_view origin_of(std::string_view address) {
  const std::size_t authority = address.find("://");
  if (authority == std::string_view::npos) {
    return {};
  }
  return address.substr(0, address.find('/', authority + 3));
}

// Behind a proxy that ends TLS the page's scheme is https and ours is not: the host counts, and
// that over TLS nothing less than TLS asks.
bool is_ours(std::string_view origin, const wire::Request& request, const NativeOptions& options) {
  if (std::find(options.origins.begin(), options.origins.end(), origin) != options.origins.end()) {
    return true;
  }
  const std::string lower = lower_case(origin);
  const std::string host = lower_case(request.header("Host").value_or(""));
  return !host.empty() &&
         (lower == "https://" + host || (!request.tls && lower == "http://" + host));
}

// Nothing: the headers do not say.
std::optional<bool> same_origin(const wire::Request& request, const NativeOptions& options) {
  if (auto site = request.header("Sec-Fetch-Site");
      site && *site != "same-origin" && *site != "none") {
    return false;
  }
  std::string_view origin = request.header("Origin").value_or("");
  if (origin.empty()) {
    origin = origin_of(request.header("Referer").value_or(""));
  }
  if (origin.empty()) {
    return std::nullopt;
  }
  return is_ours(origin, request, options);
}

bool is_on_this_machine(const std::string& address) {
  static const std::vector<base::AddressRange> kLoopback = {
      *base::AddressRange::parse("127.0.0.0/8"), *base::AddressRange::parse("::1")};
  return base::any_contains(kLoopback, address);
}

Result<auth::Credential> read_body(std::string_view body) {
  BodyReader reader(body);
  const std::string key = reader.take_text("key").value_or("");
  auth::PasswordLogin login;
  login.email = reader.take_text("email").value_or("");
  login.password = reader.take_text("password").value_or("");
  login.organisation = reader.take_text("org").value_or("");
  const bool any = !login.email.empty() || !login.password.empty() || !login.organisation.empty();
  if (!key.empty() && any) {
    reader.fault("/key", "must stand alone: it needs no address and no password");
  } else if (any && login.email.empty()) {
    reader.fault("/email", "is required with a password");
  } else if (any && login.password.empty()) {
    reader.fault("/password", "is required with an address");
  }
  RETURN_IF_ERROR(reader.finish());
  if (!any) {
    return secret_credential(key);
  }
  auth::Credential credential{.kind = auth::Credential::Kind::Password};
  credential.login = std::make_shared<const auth::PasswordLogin>(std::move(login));
  return credential;
}

std::string_view type_of(const auth::Principal& principal) {
  switch (principal.kind) {
    case auth::Principal::Kind::User:
      return "user";
    case auth::Principal::Kind::Token:
      return "token";
    default:
      return "api_key";
  }
}

void write_principal(JsonWriter& json, const auth::Principal& principal,
                     const registry::Registry::OrgPointer& org) {
  json.key("principal").begin_object();
  json.member("id", principal.subject).member("type", type_of(principal));
  json.member("name", principal.name).key("email");
  if (principal.email.empty()) {
    json.null();
  } else {
    json.string(principal.email);
  }
  json.end_object().key("org");
  if (org) {
    json.begin_object().member("id", org->id.to_string()).member("name", org->name);
    json.key("tenant_id").integer(org->tenant_id).end_object();
  } else {
    json.null();
  }
  write_roles(json, principal.roles);
  json.key("rights").begin_array();
  for (auth::Right right : kRights) {
    if (auth::allows(principal.roles, principal.is_server(), right)) {
      json.string(auth::to_string(right));
    }
  }
  json.end_array();
}

void write_session(JsonWriter& json, const std::optional<operation::SessionState>& session) {
  json.key("session");
  if (!session) {
    json.null();
    return;
  }
  json.begin_object().member("opened_at", base::format_rfc3339_trimmed(session->opened_at));
  json.member("ends_at", base::format_rfc3339_trimmed(session->ends_at));
  json.key("idle_seconds").integer(session->idle_seconds).end_object();
}

wire::Response answer(int status, std::string body) {
  wire::Response response = wire::make_response(status, "application/json", std::move(body));
  response.set("Cache-Control", "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  return response;
}

// Script reads the second one and repeats it in X-CSRF-Token; it never sees the first.
void set_cookies(wire::Response& response, bool tls, const NativeOptions& options,
                 const std::string& id, const std::string& csrf, std::int64_t seconds) {
  set_cookie(response, cookie_name(options, tls), id, seconds,
             tls ? "; HttpOnly; Secure" : "; HttpOnly");
  set_cookie(response, cookie_name(options, tls, kCsrfSuffix), csrf, seconds,
             tls ? "; Secure" : "");
}

}  // namespace

std::string cookie_name(const NativeOptions& options, bool tls, std::string_view suffix) {
  return std::string(tls ? "__Host-" : "") + options.session_cookie + std::string(suffix);
}

void set_cookie(wire::Response& response, const std::string& name, const std::string& value,
                std::int64_t seconds, std::string_view attributes) {
  response.set("Set-Cookie", name + "=" + value + "; Path=/; Max-Age=" + std::to_string(seconds) +
                                 "; SameSite=Lax" + std::string(attributes));
}

void set_session_cookies(wire::Response& response, const operation::SessionStarted& started,
                         bool tls, const NativeOptions& options) {
  set_cookies(
      response, tls, options, started.id, started.csrf_token,
      (started.session.ends_at.micros - started.session.opened_at.micros) / base::kMicrosPerSecond);
}

std::string session_id(const wire::Request& request, const NativeOptions& options) {
  return std::string(request.cookie(cookie_name(options, request.tls)).value_or(""));
}

auth::Credential session_credential(const wire::Request& request, const NativeOptions& options) {
  if (request.header("Authorization") || request.header("X-API-Key")) {
    return {};
  }
  auth::SessionProof proof;
  proof.id = session_id(request, options);
  if (proof.id.empty()) {
    return {};
  }
  proof.csrf_cookie = request.cookie(cookie_name(options, request.tls, kCsrfSuffix)).value_or("");
  proof.csrf_header = request.header(kCsrfHeader).value_or("");
  proof.changes = request.method != "GET";
  proof.same_origin = same_origin(request, options).value_or(false);
  auth::Credential credential{.kind = auth::Credential::Kind::Session};
  credential.session = std::make_shared<const auth::SessionProof>(std::move(proof));
  return credential;
}

Result<void> check_login_allowed(const wire::Request& request, const NativeOptions& options) {
  if (!same_origin(request, options).value_or(true)) {
    return Error{.kind = ErrorKind::Forbidden,
                 .message = "another page may not log anybody in here",
                 .code = "csrf"};
  }
  return check_tls(request, options);
}

Result<void> check_tls(const wire::Request& request, const NativeOptions& options) {
  if (!request.tls && !options.sessions_over_http && !is_on_this_machine(request.remote_address)) {
    return Error{.kind = ErrorKind::Forbidden,
                 .message =
                     "sessions need TLS, here or at a trusted proxy; or set "
                     "sessions_over_http where the network is to be trusted",
                 .code = "tls_required"};
  }
  return {};
}

Result<auth::Credential> read_session_start(const wire::Request& request,
                                            const NativeOptions& options) {
  RETURN_IF_ERROR(check_login_allowed(request, options));
  if (request.body.empty()) {
    return auth::Credential{};
  }
  auto form = body_form(request);
  if (!form || *form != BodyForm::Json) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "Content-Type must be application/json",
                 .code = "unsupported_media_type"};
  }
  return read_body(request.body);
}

Result<operation::Operation> read_change_password(std::string_view body) {
  BodyReader reader(body);
  operation::ChangePassword change;
  change.old_password = reader.take_required_text("old_password");
  change.new_password = reader.take_required_text("new_password");
  RETURN_IF_ERROR(reader.finish());
  return operation::Operation(std::move(change));
}

wire::Response encode_session_started(int status, const operation::SessionStarted& started,
                                      const registry::Registry::OrgPointer& org, bool tls,
                                      const NativeOptions& options) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_principal(json, started.principal, org);
  write_session(json, started.session);
  json.member("csrf_token", started.csrf_token).end_object();
  wire::Response response = answer(status, std::move(body));
  set_session_cookies(response, started, tls, options);
  return response;
}

wire::Response encode_session(const operation::Identified& identified,
                              const registry::Registry::OrgPointer& org) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_principal(json, identified.principal, org);
  write_session(json, identified.session);
  json.end_object();
  return answer(200, std::move(body));
}

wire::Response encode_session_ended(bool tls, const NativeOptions& options) {
  wire::Response response;
  response.status = 204;
  response.set("Cache-Control", "no-store");
  set_cookies(response, tls, options, "", "", 0);
  return response;
}

}  // namespace piperoll::dialect::native
