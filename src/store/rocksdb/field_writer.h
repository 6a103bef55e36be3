#pragma once
// FieldWriter: what applying records changes in the index of one field of one log: its dictionary,
// columns and totals. Applying thread only.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "store/rocksdb/column_writer.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/log_head.h"
#include "store/rocksdb/text_column.h"
#include "store/rocksdb/value_growth.h"
#include "store/rocksdb/value_table.h"

namespace piperoll::store::rocks {

struct IndexSettings {
  std::uint64_t indexed_from = 0;  // RocksOptions
  std::uint32_t field_values_max = 0;
  std::uint32_t sparse_values_min = 0;
  std::uint32_t sparse_values_max = 0;
  std::uint64_t seed = 0;  // of ValueTable
};

class FieldWriter {
 public:
  // Continues the field of a log with next_seq records.
  FieldWriter(const Database& database, LogNumber log, Slot slot, std::uint64_t next_seq,
              const FieldHead& head, const IndexSettings& settings);

  // The next records, first_seq on, each with the texts of all fields: kAddedTogetherMax at most.
  // The codes of this one are returned in codes, which is as long.
  static constexpr std::size_t kAddedTogetherMax = ValueTable::kFoundTogetherMax;
  base::Result<void> add(std::uint64_t first_seq, std::span<const IndexedTexts> records,
                         std::span<Code> codes, rocksdb::WriteBatch& batch);
  // Once a batch.
  base::Result<void> finish(rocksdb::WriteBatch& batch);

  const FieldHead& head() const { return head_; }
  std::size_t memory_bytes() const { return values_.memory_bytes(); }

 private:
  std::uint8_t number() const { return kIndexedFields[slot_].number; }
  // Of the value, which may be new.
  base::Result<Code> code_of(std::uint64_t seq, std::string_view text, ValueTable::Index known,
                             rocksdb::WriteBatch& batch);
  void add_texts(std::uint64_t first_seq, std::span<const IndexedTexts> records,
                 std::span<const Code> codes);
  // kNotThere where the dictionary has no room.
  base::Result<ValueTable::Index> load_or_make(std::uint64_t seq, std::string_view text,
                                               rocksdb::WriteBatch& batch);
  bool has_room_for(std::uint64_t seq, std::string_view text) const;
  base::Result<void> write_totals(rocksdb::WriteBatch& batch);

  const Database& database_;
  LogNumber log_;
  Slot slot_;
  IndexSettings settings_;
  FieldHead head_;
  ColumnWriter<Code> column_;
  std::optional<TextWriter> texts_;  // of values without a code, from the first on
  std::uint32_t present_ = 0;        // records of this batch that have the field
  ValueTable values_;
  ValueGrowth growth_;
  std::vector<ValueTable::Index> touched_;  // values with records in this batch
  std::vector<std::uint8_t> chunk_merges_;  // by chunk of totals
};

}  // namespace piperoll::store::rocks
