#pragma once
// Texts that a store cannot tell apart by a checksum: whoever knows CRC32C can make as many as they
// like, since it is linear. Pure functions.

#include <cstdint>
#include <string>

namespace piperoll::store::testing {

// One text of 16 letters for each number. All have the same CRC32C, behind any prefix too.
std::string colliding_text(std::uint32_t number);

}  // namespace piperoll::store::testing
