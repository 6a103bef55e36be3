#include "store/rocksdb/time_bounds.h"

#include <utility>

#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// A bucket: the pointer, what it points at, and the times of its segments.
constexpr std::size_t kBytesPerBucket =
    sizeof(BucketBoundsPointer) + sizeof(BucketBounds) + kSegmentsPerBucket * sizeof(TimeBounds);

}  // namespace

base::Result<BucketBoundsPointer> read_bounds(const Database& database, const Snapshot& snapshot,
                                              LogNumber log, TimeColumn column,
                                              std::uint32_t bucket) {
  rocksdb::PinnableSlice stored;
  ASSIGN_OR_RETURN(const bool found,
                   database.find(Family::Time, bounds_key(log, column, bucket), snapshot, stored));
  if (!found) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the bounds of a column of the index are damaged",
                       .code = "damaged_index"};
  }
  BucketBounds bounds;
  ASSIGN_OR_RETURN(bounds.segments, decode_bounds({stored.data(), stored.size()}));
  for (const TimeBounds& segment : bounds.segments) {
    if (!segment.empty()) {
      bounds.whole.add(segment.least);
      bounds.whole.add(segment.greatest);
    }
  }
  return std::make_shared<const BucketBounds>(std::move(bounds));
}

base::Result<std::shared_ptr<const BoundsList>> BoundsLists::get(const Database& database,
                                                                 const ReadView& view,
                                                                 TimeColumn column) {
  const Key key{view.head->number, column};
  const auto full = static_cast<std::uint32_t>(view.head->indexed >> kBucketBits);
  const auto is_enough = [&](const BoundsList& list) { return list.size() >= full; };
  std::shared_ptr<const BoundsList> known = kept_.find(key);
  if (known != nullptr && is_enough(*known)) {
    return known;
  }
  BoundsList list = known == nullptr ? BoundsList() : *known;
  while (list.size() < full) {
    ASSIGN_OR_RETURN(BucketBoundsPointer bounds,
                     read_bounds(database, view.snapshot, view.head->number, column,
                                 static_cast<std::uint32_t>(list.size())));
    list.push_back(std::move(bounds));
  }
  auto made = std::make_shared<const BoundsList>(std::move(list));
  kept_.keep(key, made, made->size() * kBytesPerBucket, is_enough);
  return made;
}

}  // namespace piperoll::store::rocks
