#pragma once
// Passwords are hashed on threads of their own: each costs some 25 ms and 19 MiB, so that their
// number bounds both, and nobody else waits for them. Thread-safe.

#include <functional>
#include <string>

#include "base/result.h"
#include "operation/operation.h"
#include "service/service.h"

namespace piperoll::service {

// Whether the call shows an address and a password that nobody has looked at yet.
bool has_unchecked_password(const ServiceParts& parts, const operation::Call& call);

// Calls next once with the call, whose credential names the user if the password is right. Takes
// the same time whether the address is known or not. ResourceExhausted "busy" when too many wait.
// REQUIRES: has_unchecked_password()
void check_password(ServiceParts& parts, operation::Call call,
                    std::function<void(base::Result<operation::Call>)> next);

// The hash of a new password, later, on a thread for passwords. InvalidArgument with the fault
// "/password" when it is none to be had; ResourceExhausted "busy".
void hash_new_password(ServiceParts& parts, std::string password,
                       std::function<void(base::Result<std::string>)> done);

}  // namespace piperoll::service
