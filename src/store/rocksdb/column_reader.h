#pragma once
// ColumnReader: whole buckets of one column of codes, hashes or texts, at one snapshot. One thread
// at a time.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

// The codes of one segment of a field, kAbsent where it has none.
// REQUIRES: codes.size() == kSegmentSeqs.
base::Result<void> read_code_segment(const Database& database, const Snapshot& snapshot,
                                     LogNumber log, std::uint8_t field, std::uint64_t segment,
                                     std::span<Code> codes);

class ColumnReader {
 public:
  // prefix: of the keys of the column, up to the segment. database outlives the reader.
  ColumnReader(const Database& database, const Snapshot& snapshot, base::Bytes prefix,
               Cursor::Cache cache = Cursor::Cache::Fill);

  // Overwrites the values that the column has for records of the bucket.
  // REQUIRES: values.size() == kBucketSeqs.
  base::Result<void> read_bucket(std::uint32_t bucket, std::span<Code> values);
  // The records of the bucket, by the low bits of the seq, whose value the filter has.
  base::Result<std::vector<std::uint16_t>> find_in_bucket(std::uint32_t bucket,
                                                          const CodeFilter& filter);

  // From the segment `first` on. Segments that have nothing are passed over. segment, first: of the
  // bucket.
  using Read = std::function<base::Result<void>(std::uint32_t segment, base::ByteView parts)>;
  base::Result<void> for_each_segment(std::uint32_t bucket, std::uint32_t first, const Read& read);
  base::Result<void> for_each_segment(std::uint32_t bucket, const Read& read) {
    return for_each_segment(bucket, 0, read);
  }

 private:
  base::Bytes prefix_;
  Cursor cursor_;
};

}  // namespace piperoll::store::rocks
