#include "store/rocksdb/posting_writer.h"

#include <algorithm>

#include "base/thread.h"
#include "store/rocksdb/column_reader.h"
#include "store/rocksdb/hashed_values.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/seq_set.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

base::Result<void> PostingWriter::advance(LogHead& head, std::uint64_t count,
                                          rocksdb::WriteBatch& batch) {
  // Twice as fast as records come, so that a bucket is done before the next one is full.
  std::uint64_t slots = 1 + 2 * kSlotCount * count / kBucketSeqs;
  for (; slots > 0 && head.posted.buckets < head.indexed >> kBucketBits; --slots) {
    RETURN_IF_ERROR(write(head, head.posted.slots, head.posted.buckets, batch));
    base::give_way();
    if (++head.posted.slots == kSlotCount) {
      head.posted = {.buckets = head.posted.buckets + 1, .slots = 0};
    }
  }
  return {};
}

// Sorts the records of the bucket by code, by counting, and puts a set for each code.
base::Result<void> PostingWriter::write(const LogHead& head, Slot slot, std::uint32_t bucket,
                                        rocksdb::WriteBatch& batch) {
  const std::uint8_t field = kIndexedFields[slot].number;
  column_.assign(kBucketSeqs, kAbsent);
  ColumnReader codes(database_, nullptr, codes_prefix(head.number, field));
  RETURN_IF_ERROR(codes.read_bucket(bucket, column_));
  const Code greatest = *std::max_element(column_.begin(), column_.end());
  if (greatest == kAbsent) {
    return {};
  }
  places_.assign(greatest + 2, 0);
  for (const Code code : column_) {
    ++places_[code + 1];
  }
  for (std::size_t code = 1; code < places_.size(); ++code) {
    places_[code] += places_[code - 1];
  }
  lows_.resize(kBucketSeqs);
  std::vector<std::uint32_t> next(places_);
  for (std::uint32_t low = 0; low < kBucketSeqs; ++low) {
    lows_[next[column_[low]]++] = static_cast<std::uint16_t>(low);
  }
  for (Code code = kFirstCode; code + 1 < places_.size(); ++code) {
    put(head.number, slot, code, bucket,
        std::span(lows_).subspan(places_[code], places_[code + 1] - places_[code]), batch);
  }
  // In the order of the records again, over what has been put.
  std::size_t present = 0;
  for (std::uint32_t low = 0; low < kBucketSeqs; ++low) {
    lows_[present] = static_cast<std::uint16_t>(low);
    present += column_[low] != kAbsent ? 1U : 0U;
  }
  put(head.number, slot, kAbsent, bucket, std::span(lows_).first(present), batch);
  if (head.fields[slot].stopped_at >> kBucketBits <= bucket) {
    column_.assign(kBucketSeqs, 0);
    RETURN_IF_ERROR(read_hashes_of(database_, nullptr, head.number, field, bucket, column_));
    put_hashes(database_, head.number, field, bucket, column_, batch);
  }
  return {};
}

void PostingWriter::put(LogNumber log, Slot slot, Code code, std::uint32_t bucket,
                        std::span<const std::uint16_t> lows, rocksdb::WriteBatch& batch) {
  if (lows.empty()) {
    return;
  }
  base::Bytes value;
  append_set(value, lows);
  const base::Bytes key = posting_key(log, kIndexedFields[slot].number, code, bucket);
  batch.Put(database_.handle(Family::Post), rocksdb::Slice(key), rocksdb::Slice(value));
}

}  // namespace piperoll::store::rocks
