#pragma once
// The append use case: inputs are completed, encoded, looked up by id where their callers chose
// one, and handed to the committer.

#include <functional>

#include "operation/operation.h"
#include "operation/outcome.h"
#include "service/authorise.h"
#include "service/service.h"

namespace piperoll::service {

// Called once, on any thread.
using AppendDone = std::function<void(base::Result<operation::Appended>)>;

// parts outlives the append. inputs and call are used up.
void append_events(ServiceParts& parts, const Admitted& admitted, const operation::Call& call,
                   operation::AppendEvents&& inputs, AppendDone done);

}  // namespace piperoll::service
