#pragma once
// FieldTotals: how many records have each value of one field of one log, decoded. TotalsLists keeps
// those used last (docs/adr/0085-what-queries-decode-again.md).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/query_cost.h"
#include "store/rocksdb/recently_used.h"

namespace piperoll::store::rocks {

// Of the records of the log below indexed. A value.
struct FieldTotals {
  std::uint64_t indexed = 0;
  std::vector<std::uint64_t> by_code;  // index = code; kAbsent: that have the field
};
using FieldTotalsPointer = std::shared_ptr<const FieldTotals>;

// Thread-safe.
class TotalsLists {
 public:
  explicit TotalsLists(std::size_t bytes_max) : kept_(bytes_max) {}

  // Of exactly what is indexed in view. What is read is counted in cost. Those of fewer records
  // that are kept are counted on in the column, unless all are read sooner.
  base::Result<FieldTotalsPointer> get(const Database& database, const ReadView& view, Slot slot,
                                       QueryCost& cost);
  std::size_t memory_bytes() const { return kept_.bytes(); }

 private:
  using Key = std::pair<LogNumber, Slot>;
  RecentlyUsed<Key, FieldTotals> kept_;
};

}  // namespace piperoll::store::rocks
