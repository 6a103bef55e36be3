#include "store/rocksdb/time_segments.h"

#include <utility>

#include "store/rocksdb/column_codec.h"

namespace piperoll::store::rocks {
namespace {

// With what keeping it takes: nodes of a list and of a map, and a block of counts.
constexpr std::size_t kBytesPerSegment = sizeof(TimeSegment) + 256;

base::Result<TimeSegmentPointer> read_segment(const Database& database, const Snapshot& snapshot,
                                              LogNumber log, TimeColumn column,
                                              std::uint64_t segment) {
  rocksdb::PinnableSlice stored;
  ASSIGN_OR_RETURN(const bool found,
                   database.find(Family::Time, times_key(log, column, segment), snapshot, stored));
  if (!found) {
    return damaged_column();
  }
  auto times = std::make_shared<TimeSegment>();
  RETURN_IF_ERROR(read_times({stored.data(), stored.size()}, *times));
  return TimeSegmentPointer(std::move(times));
}

}  // namespace

base::Result<TimeSegmentPointer> TimeSegments::get(const Database& database, const ReadView& view,
                                                   TimeColumn column, std::uint64_t segment,
                                                   QueryCost& cost) {
  const Key key{view.head->number, column, segment};
  // Of one that is not full in this view the snapshot may lack what a newer view keeps.
  const bool full = segment < view.head->indexed >> kSegmentBits;
  if (full) {
    if (TimeSegmentPointer kept = kept_.find(key); kept != nullptr) {
      return kept;
    }
  }
  ++cost.segments;
  ASSIGN_OR_RETURN(TimeSegmentPointer times,
                   read_segment(database, view.snapshot, view.head->number, column, segment));
  if (full) {
    kept_.keep(key, times, kBytesPerSegment, [](const TimeSegment&) { return true; });
  }
  return times;
}

}  // namespace piperoll::store::rocks
