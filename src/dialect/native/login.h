#pragma once
// Logins with an issuer over HTTP: a browser goes there, and comes back (docs/identity.md). Pure
// functions.

#include <optional>
#include <string>

#include "auth/principal.h"
#include "base/result.h"
#include "dialect/native/native_dialect.h"
#include "dialect/native/parameters.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"
#include "wire/url.h"

namespace piperoll::dialect::native {

// Whom GET /v1/session/logins names: {"logins":[{"name","start"}]}.
wire::Response encode_logins(const NativeOptions& options);

// Of GET /v1/session/oidc/start?issuer=&return_to=; an address of ours, "/" where there is none.
// Forbidden "csrf" and "tls_required" as where a password is shown; InvalidArgument with faults.
base::Result<operation::Operation> read_login_start(const wire::Request& request,
                                                    ParameterReader& parameters,
                                                    const NativeOptions& options);
// 303 to the issuer, with the cookie that only this browser comes back with.
wire::Response encode_login_begun(const operation::LoginBegun& begun, bool tls,
                                  const NativeOptions& options);

// Of GET /v1/session/oidc/callback. What else an issuer adds is not looked at (RFC 6749 4.1.2);
// what it says twice is not believed. InvalidArgument; Forbidden "tls_required".
base::Result<auth::Credential> read_login_return(const wire::Request& request,
                                                 const wire::Parameters& parameters,
                                                 const NativeOptions& options);
// 303 to where the login began, with the cookies of the session.
wire::Response encode_login_finished(const operation::SessionStarted& started, bool tls,
                                     const NativeOptions& options);

// Whether people look at the answer: they are sent to the viewer, which says why.
bool is_for_people(const wire::Request& request);
// 303 to "/?login_error=<code>"; without it the problem document. The cookie stays: an address that
// somebody else made up ends no attempt.
wire::Response encode_login_refused(wire::Response problem, const base::Error& error,
                                    bool for_people);

}  // namespace piperoll::dialect::native
