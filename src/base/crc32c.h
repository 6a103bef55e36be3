#pragma once
// CRC-32C (Castagnoli, RFC 3720 appendix B.4): reflected, polynomial 0x1EDC6F41. Check value of
// "123456789" is e3069283. Uses the processor's instruction where there is one.

#include <cstdint>
#include <string_view>

namespace piperoll::base {

// Continues from seed, the value returned for the bytes before; 0 to start.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// The same without the instruction, as on a processor that lacks it; for tests.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace piperoll::base
