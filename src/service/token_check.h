#pragma once
// Tokens are verified before anything else is decided, and off the network threads. Thread-safe.

#include <functional>

#include "base/result.h"
#include "operation/operation.h"
#include "service/service.h"

namespace piperoll::service {

// Whether the call shows a token that nobody has looked at yet.
bool has_unverified_token(const ServiceParts& parts, const operation::Call& call);

// Calls next once with the call, whose credential holds what the token says if it is good. At once
// if the token was verified lately; else later, on a worker, and where the token names a key that
// is not here after its issuer's keys were fetched anew. ResourceExhausted "busy" when the workers
// have no room. REQUIRES: has_unverified_token()
void check_token(ServiceParts& parts, operation::Call call,
                 std::function<void(base::Result<operation::Call>)> next);

// The error of a call for which there is no room among the workers.
base::Error busy();

}  // namespace piperoll::service
