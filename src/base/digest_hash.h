#pragma once
// For unordered containers whose keys are digests: their bytes are spread well already, so the
// first of them do.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace piperoll::base {

struct DigestHash {
  template <std::size_t Size>
  std::size_t operator()(const std::array<std::uint8_t, Size>& digest) const {
    static_assert(Size >= sizeof(std::size_t));
    std::size_t first = 0;
    std::memcpy(&first, digest.data(), sizeof first);
    return first;
  }
};

}  // namespace piperoll::base
