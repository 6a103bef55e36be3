#pragma once
// CellWriter: counts records per hour, day and month; all of them (key kAllRecords) and by value of
// the fields that have cells. Applying thread only.

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "base/timestamp.h"
#include "store/rocksdb/counts_codec.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

// Key of a count in a cell.
inline constexpr std::uint32_t kAllRecords = 0;
constexpr std::uint32_t cell_key(Slot slot, Code code) {
  return kIndexedFields[slot].number * kCellCodesMax + code;
}

// Hours and days since 1970; months as year * 12 + month - 1. UTC.
std::uint32_t period_of(CellLevel level, base::Timestamp time);
base::Timestamp start_of_period(CellLevel level, std::uint32_t period);

class CellWriter {
 public:
  CellWriter(const Database& database, LogNumber log);
  // One record: begin, then one call per value it has in a field with cells.
  void begin(base::Timestamp occurred_at);
  void add(Slot slot, Code code);  // REQUIRES: kIndexedFields[slot].has_cells
  base::Result<void> finish(rocksdb::WriteBatch& batch);

 private:
  void count(std::uint32_t key);
  void close_hour();
  base::Result<void> write(CellLevel level, std::uint32_t period, const Counts& counts,
                           rocksdb::WriteBatch& batch);

  const Database& database_;
  LogNumber log_;
  std::int64_t hour_start_ = -1, hour_end_ = -1;  // microseconds; of the hour being counted
  std::vector<std::uint32_t> counts_;             // by key
  std::vector<std::uint32_t> touched_;            // keys with a count
  std::map<std::uint32_t, Counts> hours_;         // closed ones of this batch
  // Operands merged into a cell since it was put whole, by level and period.
  std::map<std::pair<CellLevel, std::uint32_t>, std::uint8_t> merges_;
};

}  // namespace piperoll::store::rocks
