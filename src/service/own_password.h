#pragma once
// People change their own passwords. Thread-safe.

#include <functional>

#include "base/result.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "service/authorise.h"
#include "service/service.h"

namespace piperoll::service {

// Calls done once: SessionStarted, a new session for the browser; every other session and token of
// the user has ended. InvalidArgument "no_session" (the credential is no session), "no_password"
// (it is no user's), or with faults of the new password; Forbidden "wrong_password" (the old one);
// Conflict "user_changed" (somebody else changed the user meanwhile); ResourceExhausted "busy".
// REQUIRES: the operation is ChangePassword
void change_own_password(ServiceParts& parts, const Admitted& admitted, const operation::Call& call,
                         std::function<void(base::Result<operation::Outcome>)> done);

}  // namespace piperoll::service
