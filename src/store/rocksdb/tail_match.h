#pragma once
// A match behind the index of its log.

#include <cstdint>

namespace piperoll::store::rocks {

struct TailMatch {
  std::uint64_t seq = 0;
  std::int64_t occurred_at = 0, recorded_at = 0;  // microseconds
};

}  // namespace piperoll::store::rocks
