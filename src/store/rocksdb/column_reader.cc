#include "store/rocksdb/column_reader.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/coding.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

base::Result<void> read_code_segment(const Database& database, const Snapshot& snapshot,
                                     LogNumber log, std::uint8_t field, std::uint64_t segment,
                                     std::span<Code> codes) {
  std::fill(codes.begin(), codes.end(), kAbsent);
  rocksdb::PinnableSlice stored;
  ASSIGN_OR_RETURN(const bool found,
                   database.find(Family::Codes, codes_key(log, field, segment), snapshot, stored));
  return found ? read_codes({stored.data(), stored.size()}, codes) : base::Result<void>();
}

ColumnReader::ColumnReader(const Database& database, const Snapshot& snapshot, base::Bytes prefix,
                           Cursor::Cache cache)
    : prefix_(std::move(prefix)),
      cursor_(database, Family::Codes, snapshot, prefix_, end_of(prefix_), cache) {}

base::Result<void> ColumnReader::for_each_segment(std::uint32_t bucket, std::uint32_t first,
                                                  const Read& read) {
  const std::uint64_t begin = std::uint64_t{bucket} * kSegmentsPerBucket;
  base::Bytes key = prefix_;
  base::put_be64(key, begin + first);
  for (cursor_.seek(key); cursor_.valid(); cursor_.next()) {
    const std::optional<std::uint64_t> segment = parse_segment(cursor_.key());
    if (!segment.has_value()) {
      return damaged_column();
    }
    if (*segment >= begin + kSegmentsPerBucket) {
      break;
    }
    RETURN_IF_ERROR(read(static_cast<std::uint32_t>(*segment - begin), cursor_.value()));
  }
  return cursor_.status();
}

base::Result<void> ColumnReader::read_bucket(std::uint32_t bucket, std::span<Code> values) {
  CHECK(values.size() == kBucketSeqs);
  return for_each_segment(bucket, [&](std::uint32_t segment, base::ByteView parts) {
    return read_codes(parts, values.subspan(segment * kSegmentSeqs, kSegmentSeqs));
  });
}

base::Result<std::vector<std::uint16_t>> ColumnReader::find_in_bucket(std::uint32_t bucket,
                                                                      const CodeFilter& filter) {
  std::vector<std::uint16_t> lows;
  RETURN_IF_ERROR(for_each_segment(bucket, [&](std::uint32_t segment, base::ByteView parts) {
    return find_codes(parts, filter, segment * kSegmentSeqs, lows);
  }));
  return lows;
}

}  // namespace piperoll::store::rocks
