#include "store/rocksdb/time_bounds.h"

#include <algorithm>

#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// A bucket: the pointer, what it points at, and the times of its segments.
constexpr std::size_t kBytesPerBucket =
    sizeof(BucketBoundsPointer) + sizeof(BucketBounds) + kSegmentsPerBucket * sizeof(TimeBounds);

std::size_t bytes_of(const BoundsList& list) {
  return list.size() * kBytesPerBucket;
}

}  // namespace

base::Result<BucketBoundsPointer> read_bounds(const Database& database, const Snapshot& snapshot,
                                              LogNumber log, TimeColumn column,
                                              std::uint32_t bucket) {
  rocksdb::PinnableSlice stored;
  const base::Result<void> found =
      database.get(Family::Time, bounds_key(log, column, bucket), snapshot, stored);
  if (!found && found.error().kind == base::ErrorKind::NotFound) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the bounds of a column of the index are damaged",
                       .code = "damaged_index"};
  }
  RETURN_IF_ERROR(found);
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
  Pointer known = find(key);
  if (known != nullptr && known->size() >= full) {
    return known;
  }
  BoundsList list = known == nullptr ? BoundsList() : *known;
  while (list.size() < full) {
    ASSIGN_OR_RETURN(BucketBoundsPointer bounds,
                     read_bounds(database, view.snapshot, view.head->number, column,
                                 static_cast<std::uint32_t>(list.size())));
    list.push_back(std::move(bounds));
  }
  Pointer made = std::make_shared<const BoundsList>(std::move(list));
  keep(key, made);
  return made;
}

BoundsLists::Pointer BoundsLists::find(const Key& key) {
  base::MutexLock lock(mutex_);
  const auto found = lists_.find(key);
  if (found == lists_.end()) {
    return nullptr;
  }
  const auto place = std::find(used_.begin(), used_.end(), key);
  used_.splice(used_.begin(), used_, place);
  return found->second;
}

void BoundsLists::keep(const Key& key, const Pointer& list) {
  base::MutexLock lock(mutex_);
  Pointer& place = lists_[key];
  if (place == nullptr) {
    used_.push_front(key);
  } else if (place->size() >= list->size()) {
    return;  // another reader was faster and saw more
  } else {
    bytes_ -= bytes_of(*place);
  }
  place = list;
  bytes_ += bytes_of(*list);
  while (bytes_ > bytes_max_ && used_.size() > 1) {
    const auto oldest = lists_.find(used_.back());
    bytes_ -= bytes_of(*oldest->second);
    lists_.erase(oldest);
    used_.pop_back();
  }
}

std::size_t BoundsLists::memory_bytes() const {
  base::MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace piperoll::store::rocks
