#pragma once
// CRC-32 as zlib and GitHub's key checksums use it (ISO-HDLC: reflected, polynomial 0x04C11DB7,
// initial value and final XOR ffffffff). Check value of "123456789" is cbf43926.

#include <cstdint>
#include <string_view>

namespace piperoll::base {

std::uint32_t crc32(std::string_view bytes);

}  // namespace piperoll::base
