#pragma once
// ColumnWriter: one column of a log as it grows. Applying thread only.

#include <cstdint>
#include <span>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

// Puts the part of a segment that begins at first, or merges it with those before it. prefix: of
// the keys of the column, up to the segment.
void write_part(const Database& database, Family family, base::ByteView prefix,
                std::uint64_t segment, std::uint32_t first, base::ByteView part,
                rocksdb::WriteBatch& batch);

// Value: Code or std::int64_t.
template <class Value>
class ColumnWriter {
 public:
  // prefix: of the keys of the column, up to the segment. next_seq: of the first value added.
  ColumnWriter(const Database& database, Family family, base::Bytes prefix, std::uint64_t next_seq);

  void add(Value value) { values_.push_back(value); }
  void add(std::span<const Value> values) {
    values_.insert(values_.end(), values.begin(), values.end());
  }
  // Writes what was added since the last time.
  base::Result<void> finish(rocksdb::WriteBatch& batch);

 private:
  base::Result<void> write(std::uint64_t segment, std::uint32_t first,
                           std::span<const Value> values, rocksdb::WriteBatch& batch);
  base::Result<void> put_whole(const base::Bytes& key, std::uint32_t first,
                               std::span<const Value> values, rocksdb::WriteBatch& batch);

  const Database& database_;
  Family family_;
  base::Bytes prefix_;
  std::uint64_t next_seq_;
  std::vector<Value> values_;
  std::uint8_t merges_;  // parts merged into the open segment since it was put whole
};

extern template class ColumnWriter<Code>;
extern template class ColumnWriter<std::int64_t>;

// Least and greatest value of each segment of a time column. Applying thread only.
class BoundsWriter {
 public:
  BoundsWriter(const Database& database, LogNumber log, TimeColumn column)
      : database_(database), log_(log), column_(column) {}
  // Goes on with the bucket that the record next_seq - 1 lies in.
  base::Result<void> resume(std::uint64_t next_seq);
  void add(std::uint64_t seq, std::int64_t time, rocksdb::WriteBatch& batch);
  void finish(rocksdb::WriteBatch& batch);

 private:
  const Database& database_;
  LogNumber log_;
  TimeColumn column_;
  std::uint32_t bucket_ = 0;
  std::vector<TimeBounds> segments_;
  bool changed_ = false;
};

}  // namespace piperoll::store::rocks
