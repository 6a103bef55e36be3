#pragma once
// The use cases that change organisations, keys, users, applications and views: control records
// through the committer.

#include <functional>

#include "operation/operation.h"
#include "operation/outcome.h"
#include "service/authorise.h"
#include "service/service.h"

namespace piperoll::service {

bool is_registry_change(const operation::Operation& operation);

// REQUIRES: is_registry_change(change). done is called once, on any thread, when it is durable.
void change_registry(ServiceParts& parts, const Admitted& admitted,
                     const operation::Operation& change,
                     const std::function<void(base::Result<operation::Outcome>)>& done);

}  // namespace piperoll::service
