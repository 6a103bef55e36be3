#pragma once
// QueryCost: what a query touched. A value.

#include <cstdint>

namespace piperoll::store::rocks {

struct QueryCost {
  std::uint64_t buckets = 0;   // for which the filter was evaluated
  std::uint64_t postings = 0;  // read, or found not to be there
  std::uint64_t columns = 0;   // of codes, of a whole bucket
  std::uint64_t segments = 0;  // of a column of codes or times
  std::uint64_t cells = 0;     // keys of totals and cells
  std::uint64_t row_blocks = 0;
  std::uint64_t rows = 0;    // looked at because the index does not decide, newest records included
  std::uint64_t newest = 0;  // of these: because the index does not hold them yet
};

}  // namespace piperoll::store::rocks
