#pragma once
// TimeSegments: the decoded times of full segments, which never change. The ends of a range are
// looked at record by record, in every segment whose bounds reach there, and a page in the order of
// time looks at the same segments again: decoding a thousand times costs more than all that is done
// with them.

#include <array>
#include <cstdint>
#include <memory>
#include <tuple>

#include "base/result.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/query_cost.h"
#include "store/rocksdb/recently_used.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

using TimeSegment = std::array<std::int64_t, kSegmentSeqs>;  // by the low bits of the seq
using TimeSegmentPointer = std::shared_ptr<const TimeSegment>;

// Thread-safe.
class TimeSegments {
 public:
  explicit TimeSegments(std::size_t bytes_max) : kept_(bytes_max) {}

  // Of one segment, as the view has it; 0 where the index in view has no record yet. What is read
  // is counted in cost. Corruption where there is no such segment.
  base::Result<TimeSegmentPointer> get(const Database& database, const ReadView& view,
                                       TimeColumn column, std::uint64_t segment, QueryCost& cost);
  std::size_t memory_bytes() const { return kept_.bytes(); }

 private:
  using Key = std::tuple<LogNumber, TimeColumn, std::uint64_t>;
  RecentlyUsed<Key, TimeSegment> kept_;
};

}  // namespace piperoll::store::rocks
