#pragma once
// UnpostedColumns: the codes of buckets that have no postings yet, decoded, as far as they cannot
// change (docs/adr/0085-what-queries-decode-again.md). Every filter of a field goes through them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/recently_used.h"

namespace piperoll::store::rocks {

using Codes = std::vector<Code>;  // by the low bits of the seq

// Thread-safe.
class UnpostedColumns {
 public:
  explicit UnpostedColumns(std::size_t bytes_max) : kept_(bytes_max) {}

  // Those of the segments of the bucket that are full in view, and perhaps of further ones that
  // became full since.
  base::Result<std::shared_ptr<const Codes>> get(const Database& database, const ReadView& view,
                                                 Slot slot, std::uint32_t bucket);
  std::size_t memory_bytes() const { return kept_.bytes(); }

 private:
  using Key = std::tuple<LogNumber, Slot, std::uint32_t>;
  RecentlyUsed<Key, Codes> kept_;
};

// How many segments of the bucket are full in view.
std::uint32_t full_segments(const ReadView& view, std::uint32_t bucket);

}  // namespace piperoll::store::rocks
