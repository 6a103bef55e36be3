#include "store/rocksdb/hashed_values.h"

#include <algorithm>
#include <array>

#include "base/coding.h"
#include "base/crc32c.h"
#include "store/rocksdb/column_reader.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/text_column.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::size_t kEntryBytes = 6;  // low 16 bits of the seq, hash

std::uint8_t partition_of(Code hash) {
  static_assert(kHashPartitions == 64);
  return static_cast<std::uint8_t>(hash >> 26U);
}

}  // namespace

Code hash_of(std::string_view value) {
  return std::max(base::crc32c(value), Code{1});
}

base::Result<void> read_hashes_of(const Database& database, const Snapshot& snapshot, LogNumber log,
                                  std::uint8_t field, std::uint32_t bucket,
                                  std::span<Code> column) {
  // Stores that were written before texts were kept have a column of hashes up to there.
  ColumnReader hashes(database, snapshot, hashes_prefix(log, field));
  RETURN_IF_ERROR(hashes.read_bucket(bucket, column));
  ColumnReader texts(database, snapshot, texts_prefix(log, field));
  return texts.for_each_segment(bucket, [&](std::uint32_t segment, base::ByteView parts) {
    return read_hashes(parts, column.subspan(segment * kSegmentSeqs, kSegmentSeqs));
  });
}

void put_hashes(const Database& database, LogNumber log, std::uint8_t field, std::uint32_t bucket,
                std::span<const Code> column, rocksdb::WriteBatch& batch) {
  std::array<base::Bytes, kHashPartitions> partitions;
  for (std::size_t low = 0; low < column.size(); ++low) {
    if (column[low] != 0) {
      base::Bytes& entries = partitions[partition_of(column[low])];
      base::put_be16(entries, static_cast<std::uint16_t>(low));
      base::put_be32(entries, column[low]);
    }
  }
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (!partitions[i].empty()) {
      const base::Bytes key = hashed_key(log, field, static_cast<std::uint8_t>(i), bucket);
      batch.Put(database.handle(Family::Post), rocksdb::Slice(key), rocksdb::Slice(partitions[i]));
    }
  }
}

base::Result<std::vector<std::uint64_t>> find_hash(const Database& database,
                                                   const Snapshot& snapshot, LogNumber log,
                                                   std::uint8_t field, Code hash,
                                                   std::uint32_t end_bucket) {
  const std::uint8_t partition = partition_of(hash);
  Cursor cursor(database, Family::Post, snapshot, hashed_prefix(log, field, partition),
                hashed_key(log, field, partition, end_bucket));
  std::vector<std::uint64_t> seqs;
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    const std::optional<std::uint32_t> bucket = parse_hashed_key(cursor.key());
    const base::ByteView entries = cursor.value();
    if (!bucket.has_value() || entries.size() % kEntryBytes != 0) {
      return base::Error{.kind = base::ErrorKind::Corruption,
                         .message = "the hashes of values of the index are damaged",
                         .code = "damaged_index"};
    }
    for (std::size_t at = 0; at < entries.size(); at += kEntryBytes) {
      if (base::load_be32(entries.data() + at + 2) == hash) {
        seqs.push_back((std::uint64_t{*bucket} << kBucketBits) +
                       base::load_be16(entries.data() + at));
      }
    }
  }
  RETURN_IF_ERROR(cursor.status());
  return seqs;
}

}  // namespace piperoll::store::rocks
