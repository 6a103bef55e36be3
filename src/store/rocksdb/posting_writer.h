#pragma once
// PostingWriter: turns the columns of full buckets into postings. While a bucket grows its columns
// answer for it: they cost one key for each thousand records, postings one for each value. Applying
// thread only.

#include <cstdint>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/log_head.h"

namespace piperoll::store::rocks {

class PostingWriter {
 public:
  explicit PostingWriter(const Database& database) : database_(database) {}

  // Writes postings of the oldest full bucket that lacks some, and says so in head. Reads columns
  // of earlier batches only. count: records of the batch; the share of work is such that postings
  // keep up with records, and that no batch waits for a whole bucket.
  base::Result<void> advance(LogHead& head, std::uint64_t count, rocksdb::WriteBatch& batch);

 private:
  base::Result<void> write(const LogHead& head, Slot slot, std::uint32_t bucket,
                           rocksdb::WriteBatch& batch);
  void put(LogNumber log, Slot slot, Code code, std::uint32_t bucket,
           std::span<const std::uint16_t> lows, rocksdb::WriteBatch& batch);

  const Database& database_;
  std::vector<Code> column_ = {};           // of a bucket
  std::vector<std::uint32_t> places_ = {};  // by code: where its records begin in lows_
  std::vector<std::uint16_t> lows_ = {};    // records in the order of their codes
};

}  // namespace piperoll::store::rocks
