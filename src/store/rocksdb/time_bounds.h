#pragma once
// BoundsList: least and greatest times of the records of one log, for the buckets that are full and
// so never change. BoundsLists keeps those of the logs that were read last: every page by time
// looks at the bounds of every bucket, and a key each would cost more than the page.

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/recently_used.h"

namespace piperoll::store::rocks {

// Immutable.
struct BucketBounds {
  TimeBounds whole;
  std::vector<TimeBounds> segments;  // as decode_bounds()
};
using BucketBoundsPointer = std::shared_ptr<const BucketBounds>;
using BoundsList = std::vector<BucketBoundsPointer>;  // by bucket; of the first so many

// Of one bucket, full or not, as the snapshot has it.
base::Result<BucketBoundsPointer> read_bounds(const Database& database, const Snapshot& snapshot,
                                              LogNumber log, TimeColumn column,
                                              std::uint32_t bucket);

// Thread-safe.
class BoundsLists {
 public:
  explicit BoundsLists(std::size_t bytes_max) : kept_(bytes_max) {}

  // At least the full buckets of the index in view; perhaps newer ones.
  base::Result<std::shared_ptr<const BoundsList>> get(const Database& database,
                                                      const ReadView& view, TimeColumn column);
  std::size_t memory_bytes() const { return kept_.bytes(); }

 private:
  using Key = std::pair<LogNumber, TimeColumn>;
  RecentlyUsed<Key, BoundsList> kept_;
};

}  // namespace piperoll::store::rocks
