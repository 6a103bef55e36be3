#pragma once
// FieldWriter: what applying records changes in the index of one field of one log: its dictionary,
// columns and totals. Applying thread only.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "store/rocksdb/column_writer.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/log_head.h"
#include "store/rocksdb/text_column.h"
#include "store/rocksdb/value_table.h"

namespace piperoll::store::rocks {

struct IndexSettings {
  std::uint64_t indexed_from = 0;  // RocksOptions
  std::uint32_t field_values_max = 0;
  std::uint32_t sparse_values_min = 0;
  std::uint64_t seed = 0;  // of ValueTable
};

class FieldWriter {
 public:
  // Continues the field of a log with next_seq records.
  FieldWriter(const Database& database, LogNumber log, Slot slot, std::uint64_t next_seq,
              const FieldHead& head, const IndexSettings& settings);

  // The next record: one of the three, by what it has in the field. The code of the text is
  // returned.
  void add_absent(std::uint64_t seq) { put(seq, kAbsent); }
  // Nothing, and nothing added, where the text is new to this writer: then add_new.
  std::optional<Code> add_known(std::uint64_t seq, std::string_view text);
  base::Result<Code> add_new(std::uint64_t seq, std::string_view text, rocksdb::WriteBatch& batch);
  // Once a batch.
  base::Result<void> finish(rocksdb::WriteBatch& batch);

  const FieldHead& head() const { return head_; }
  std::size_t memory_bytes() const { return values_.memory_bytes(); }

 private:
  std::uint8_t number() const { return kIndexedFields[slot_].number; }
  // text: of a value without a code.
  void put(std::uint64_t seq, Code code, std::optional<std::string_view> text = {}) {
    column_.add(code);
    if (seq >= head_.stopped_at) {
      put_text(seq, text);
    }
  }
  void put_text(std::uint64_t seq, std::optional<std::string_view> text);
  Code put_value(std::uint64_t seq, ValueTable::Index index);
  Code put_unlisted(std::uint64_t seq, std::string_view text);
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
  ValueTable::Index last_ = ValueTable::kNotThere;  // of the value found last: often the next one
  std::vector<ValueTable::Index> touched_;          // values with records in this batch
  std::vector<std::uint8_t> chunk_merges_;          // by chunk of totals
};

}  // namespace piperoll::store::rocks
