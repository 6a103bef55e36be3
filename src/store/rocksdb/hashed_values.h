#pragma once
// Values without a code: each record's value is kept as a part of its hash, so that the records
// that may have a value are found without reading rows. One key holds the records of one bucket
// whose hashes begin alike; a key for each value and record would cost more than everything else
// (docs/adr/0006-sparse-fields.md).

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

// The 38 bits of a value's SHA-256 that are kept: the first 6 choose the key, 32 are in it.
struct ValueHash {
  std::uint8_t partition = 0;  // [0, kHashPartitions)
  std::uint32_t rest = 0;
  bool operator==(const ValueHash&) const = default;
};
ValueHash hash_of(std::string_view value);

// Of one field of a log. Applying thread only.
class HashedValuesWriter {
 public:
  HashedValuesWriter(const Database& database, LogNumber log, std::uint8_t field)
      : database_(database), log_(log), field_(field) {}

  // REQUIRES: of the same bucket as all since the last finish_bucket; ascending.
  void add(std::uint64_t seq, std::string_view value);
  // Writes what was added: before the first record of another bucket, and at the end of a batch.
  base::Result<void> finish_bucket(std::uint32_t bucket, rocksdb::WriteBatch& batch);

 private:
  struct Partition {
    base::Bytes entries = {};
    std::uint32_t bucket = kNeverWritten;
    std::uint8_t merges = 0;  // parts merged into the bucket since it was put whole
  };
  static constexpr std::uint32_t kNeverWritten = ~std::uint32_t{0};

  const Database& database_;
  LogNumber log_;
  std::uint8_t field_;
  std::vector<Partition> partitions_ = {};  // empty until the first value
  std::vector<std::uint8_t> changed_ = {};
};

// Records that may have the value, ascending: all that do, and others with the same hash.
base::Result<std::vector<std::uint64_t>> find_hashed(const Database& database,
                                                     const Snapshot& snapshot, LogNumber log,
                                                     std::uint8_t field, std::string_view value);

}  // namespace piperoll::store::rocks
