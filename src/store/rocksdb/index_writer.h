#pragma once
// IndexWriter: the index of one log as records are added: fields, times, cells and values at paths.
// Applying thread only.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "event/record.h"
#include "store/rocksdb/cell_writer.h"
#include "store/rocksdb/column_writer.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/field_writer.h"
#include "store/rocksdb/log_head.h"
#include "store/rocksdb/path_values.h"

namespace piperoll::store::rocks {

class IndexWriter {
 public:
  // Continues the index of a log whose first next_seq records are in it.
  static base::Result<std::unique_ptr<IndexWriter>> resume(const Database& database,
                                                           const LogHead& head,
                                                           std::uint64_t next_seq,
                                                           const IndexSettings& settings);
  struct Passkey {};
  IndexWriter(Passkey, const Database& database, const LogHead& head, std::uint64_t next_seq,
              const IndexSettings& settings);

  // REQUIRES: records follow each other, and the last one added.
  base::Result<void> add(std::span<const event::RecordView> records, rocksdb::WriteBatch& batch);
  // Once a batch; updates what head says of the fields.
  base::Result<void> finish(LogHead& head, rocksdb::WriteBatch& batch);
  std::size_t memory_bytes() const;

 private:
  base::Result<void> add_some(std::span<const event::RecordView> records,
                              rocksdb::WriteBatch& batch);

  std::vector<FieldWriter> fields_;  // by slot
  ColumnWriter<std::int64_t> occurred_, recorded_;
  BoundsWriter occurred_bounds_, recorded_bounds_;
  CellWriter cells_;
  PathValuesWriter path_values_;
};

}  // namespace piperoll::store::rocks
