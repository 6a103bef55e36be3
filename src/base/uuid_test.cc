#include "base/uuid.h"

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {}  // namespace
}  // namespace piperoll::base
