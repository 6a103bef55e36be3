#include "base/compression.h"

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {}  // namespace
}  // namespace piperoll::base
