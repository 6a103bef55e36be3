#pragma once
// Logins with an issuer wait for the issuer, so they have threads of their own: however slow it
// is, nobody else waits. Thread-safe.

#include <functional>

#include "base/result.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "service/service.h"

namespace piperoll::service {

// Whether the call is the first step of a login, which needs no credential.
bool begins_login(const operation::Call& call);

// Calls done once, later: LoginBegun, or the errors of auth::IssuerLogins::begin();
// ResourceExhausted "busy". REQUIRES: begins_login()
void begin_login(ServiceParts& parts, operation::Call call,
                 std::function<void(base::Result<operation::Outcome>)> done);

// Whether the call is what a browser came back with, and nobody has looked at that yet.
bool has_unfinished_login(const operation::Call& call);

// Calls next once, later, with the call, whose credential says who that is now, and whose operation
// where the browser goes on; or with the error that people are told. Why is in the diagnostics.
// ResourceExhausted "busy". REQUIRES: has_unfinished_login()
void finish_login(ServiceParts& parts, operation::Call call,
                  std::function<void(base::Result<operation::Call>)> next);

}  // namespace piperoll::service
