#pragma once
// Sessions of browsers over HTTP: cookies, and what shows that a request comes from our own page
// (docs/identity.md). Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "auth/principal.h"
#include "base/result.h"
#include "dialect/native/native_dialect.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// The session that the cookie names; no credential where there is none, or where the request has an
// Authorization or X-API-Key header: those never fall back to a cookie.
auth::Credential session_credential(const wire::Request& request, const NativeOptions& options);
// The id in the cookie, or empty.
std::string session_id(const wire::Request& request, const NativeOptions& options);

// Forbidden "tls_required" where the cookies of a session could be read on their way.
base::Result<void> check_tls(const wire::Request& request, const NativeOptions& options);
// The same, and "csrf" where another page sends the request.
base::Result<void> check_login_allowed(const wire::Request& request, const NativeOptions& options);

// With "__Host-" before it over TLS: it can be set by this host alone then, for all of its paths.
std::string cookie_name(const NativeOptions& options, bool tls, std::string_view suffix = "");
// attributes: beside the path, the age and SameSite=Lax; "; HttpOnly".
void set_cookie(wire::Response& response, const std::string& name, const std::string& value,
                std::int64_t seconds, std::string_view attributes);
void set_session_cookies(wire::Response& response, const operation::SessionStarted& started,
                         bool tls, const NativeOptions& options);

// The body of POST /v1/session: {"key"} or {"email","password","org"?}, or nothing, where a header
// has the credential. Forbidden "csrf" where another page sends it, "tls_required" where the cookie
// could be read on its way. InvalidArgument with faults, in which nothing of the input is repeated.
base::Result<auth::Credential> read_session_start(const wire::Request& request,
                                                  const NativeOptions& options);

// status: 201, or 200 where a session takes the place of the one that the request had.
wire::Response encode_session_started(int status, const operation::SessionStarted& started,
                                      const registry::Registry::OrgPointer& org, bool tls,
                                      const NativeOptions& options);
// The body of POST /v1/session/password: {"old_password","new_password"}.
base::Result<operation::Operation> read_change_password(std::string_view body);
wire::Response encode_session(const operation::Identified& identified,
                              const registry::Registry::OrgPointer& org);
// 204, and the cookies are taken back.
wire::Response encode_session_ended(bool tls, const NativeOptions& options);

}  // namespace piperoll::dialect::native
