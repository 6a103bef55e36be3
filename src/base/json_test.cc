#include "base/json.h"

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {}  // namespace
}  // namespace piperoll::base
