#pragma once
// Values without a code: for each record a hash of its value is kept, so that the records that may
// have a value are found without reading rows. As codes they come into a column first; once a
// bucket is full, its hashes are sorted into keys by how they begin
// (docs/adr/0006-sparse-fields.md).

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

// CRC32C, but 1 for 0, which stands for no value. Who makes values collide makes queries for them
// read more rows, in a log of their own.
Code hash_of(std::string_view value);

// The hashes of a bucket, by the low bits of the seq; of other records they stay as they are.
// snapshot may be null: the newest state. REQUIRES: column.size() == kBucketSeqs.
base::Result<void> read_hashes_of(const Database& database, const Snapshot& snapshot, LogNumber log,
                                  std::uint8_t field, std::uint32_t bucket, std::span<Code> column);

// column: the hashes of a whole bucket, by the low bits of the seq.
void put_hashes(const Database& database, LogNumber log, std::uint8_t field, std::uint32_t bucket,
                std::span<const Code> column, rocksdb::WriteBatch& batch);

// Records of the buckets before end_bucket that may have a value with that hash, ascending.
base::Result<std::vector<std::uint64_t>> find_hash(const Database& database,
                                                   const Snapshot& snapshot, LogNumber log,
                                                   std::uint8_t field, Code hash,
                                                   std::uint32_t end_bucket);

}  // namespace piperoll::store::rocks
