#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {}  // namespace
}  // namespace piperoll::base
