#pragma once
// A decoded call as text, for recorded cases and for messages of tests.

#include <string>

#include "operation/operation.h"

namespace piperoll::dialect::testing {

// One line for each of credential, organisation and right; then the operation.
std::string print_call(const operation::Call& call);

}  // namespace piperoll::dialect::testing
