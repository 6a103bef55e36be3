#pragma once
// Counts by key, as one value of the roll family; also what is added to one. Pure functions.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::store::rocks {

struct KeyCount {
  std::uint32_t key = 0;
  std::uint64_t count = 0;
  bool operator==(const KeyCount&) const = default;
};
using Counts = std::vector<KeyCount>;  // keys ascending, no key twice

void append_counts(base::Bytes& out, std::span<const KeyCount> counts);
base::Result<Counts> decode_counts(base::ByteView bytes);
// The sums by key.
Counts add_counts(std::span<const KeyCount> a, std::span<const KeyCount> b);
// The count of a key in encoded counts, 0 if it is not there; what lies behind it is not read.
// Corruption as decode_counts().
base::Result<std::uint64_t> find_count(base::ByteView bytes, std::uint32_t key);
// Calls visit with the entries whose keys are in [first, last], ascending; what lies behind them is
// not read. Corruption as decode_counts().
base::Result<void> visit_counts(base::ByteView bytes, std::uint32_t first, std::uint32_t last,
                                const std::function<void(KeyCount)>& visit);

}  // namespace piperoll::store::rocks
