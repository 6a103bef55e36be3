#pragma once
// Sessions of browsers over HTTP: cookies, and what shows that a request comes from our own page
// (docs/identity.md). Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "auth/principal.h"
#include "base/result.h"
#include "dialect/native/native_dialect.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// The session that the cookie names; no credential where there is none, or where the request has an
// Authorization or X-API-Key header: those never fall back to a cookie.
auth::Credential session_credential(const wire::Request& request, const NativeOptions& options);
// The id in the cookie, or empty.
std::string session_id(const wire::Request& request, const NativeOptions& options);

// The body of POST /v1/session: {"key"} or {"email","password","org"?}, or nothing, where a header
// has the credential. Forbidden "csrf" where another page sends it, "tls_required" where the cookie
// could be read on its way. InvalidArgument with faults, in which nothing of the input is repeated.
base::Result<auth::Credential> read_session_start(const wire::Request& request,
                                                  const NativeOptions& options);

wire::Response encode_session_started(const operation::SessionStarted& started,
                                      const registry::Registry::OrgPointer& org, bool tls,
                                      const NativeOptions& options);
wire::Response encode_session(const operation::Identified& identified,
                              const registry::Registry::OrgPointer& org);
// 204, and the cookies are taken back.
wire::Response encode_session_ended(bool tls, const NativeOptions& options);

}  // namespace piperoll::dialect::native
