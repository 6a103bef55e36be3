#pragma once
// Comparison of secrets: its time depends on the lengths alone. Pure function.

#include "base/bytes.h"

namespace piperoll::crypto {

bool equal_constant_time(base::ByteView a, base::ByteView b);

}  // namespace piperoll::crypto
