#pragma once
// Parameters of Nirvana's list call -> operation. Pure functions.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "operation/operation.h"
#include "wire/url.h"

namespace piperoll::dialect::nirvana {

// InvalidArgument naming the parameter and what is allowed.
base::Result<operation::Operation> decode_list(const wire::Parameters& parameters);

// The canonical actor types that Nirvana calls api_key; every other one is a user.
const std::vector<std::string>& api_key_types();

}  // namespace piperoll::dialect::nirvana
