#include "store/rocksdb/column_writer.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/coding.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

template <class Value>
void append_part(base::Bytes& out, std::uint32_t first, std::span<const Value> values) {
  if constexpr (std::is_same_v<Value, Code>) {
    append_codes_part(out, first, values);
  } else {
    append_times_part(out, first, values);
  }
}

template <class Value>
base::Result<void> read_parts(base::ByteView parts, std::span<Value> segment) {
  if constexpr (std::is_same_v<Value, Code>) {
    return read_codes(parts, segment);
  } else {
    return read_times(parts, segment);
  }
}

}  // namespace

void write_part(const Database& database, Family family, base::ByteView prefix,
                std::uint64_t segment, std::uint32_t first, base::ByteView part,
                rocksdb::WriteBatch& batch) {
  base::Bytes key(prefix);
  base::put_be64(key, segment);
  const rocksdb::Slice value(part.data(), part.size());
  if (first == 0) {
    batch.Put(database.handle(family), rocksdb::Slice(key), value);
  } else {
    batch.Merge(database.handle(family), rocksdb::Slice(key), value);
  }
}

template <class Value>
ColumnWriter<Value>::ColumnWriter(const Database& database, Family family, base::Bytes prefix,
                                  std::uint64_t next_seq)
    : database_(database),
      family_(family),
      prefix_(std::move(prefix)),
      next_seq_(next_seq),
      merges_(kMergesMax) {}

template <class Value>
base::Result<void> ColumnWriter<Value>::finish(rocksdb::WriteBatch& batch) {
  std::span<const Value> rest(values_);
  while (!rest.empty()) {
    const std::uint64_t segment = next_seq_ >> kSegmentBits;
    const auto first = static_cast<std::uint32_t>(next_seq_ % kSegmentSeqs);
    const std::size_t count = std::min<std::size_t>(rest.size(), kSegmentSeqs - first);
    RETURN_IF_ERROR(write(segment, first, rest.first(count), batch));
    next_seq_ += count;
    rest = rest.subspan(count);
  }
  values_.clear();
  return {};
}

template <class Value>
base::Result<void> ColumnWriter<Value>::write(std::uint64_t segment, std::uint32_t first,
                                              std::span<const Value> values,
                                              rocksdb::WriteBatch& batch) {
  const bool nothing = std::is_same_v<Value, Code> &&
                       std::all_of(values.begin(), values.end(), [](Value v) { return v == 0; });
  if (first == 0) {
    merges_ = 0;
  }
  if (nothing) {
    return {};
  }
  if (first > 0 && merges_ >= kMergesMax) {
    base::Bytes key = prefix_;
    base::put_be64(key, segment);
    return put_whole(key, first, values, batch);
  }
  base::Bytes part;
  append_part(part, first, values);
  write_part(database_, family_, prefix_, segment, first, part, batch);
  if (first > 0) {
    ++merges_;
  }
  return {};
}

template <class Value>
base::Result<void> ColumnWriter<Value>::put_whole(const base::Bytes& key, std::uint32_t first,
                                                  std::span<const Value> values,
                                                  rocksdb::WriteBatch& batch) {
  std::vector<Value> whole(kSegmentSeqs);
  rocksdb::PinnableSlice parts;
  RETURN_IF_ERROR(database_.find(family_, key, nullptr, parts));
  RETURN_IF_ERROR(read_parts<Value>({parts.data(), parts.size()}, whole));
  std::copy(values.begin(), values.end(), whole.begin() + first);
  base::Bytes value;
  append_part(value, 0, std::span<const Value>(whole).first(first + values.size()));
  batch.Put(database_.handle(family_), rocksdb::Slice(key), rocksdb::Slice(value));
  merges_ = 0;
  return {};
}

template class ColumnWriter<Code>;
template class ColumnWriter<std::int64_t>;

base::Result<void> BoundsWriter::resume(std::uint64_t next_seq) {
  if (next_seq == 0) {
    return {};
  }
  bucket_ = static_cast<std::uint32_t>((next_seq - 1) >> kBucketBits);
  rocksdb::PinnableSlice value;
  RETURN_IF_ERROR(database_.get(Family::Time, bounds_key(log_, column_, bucket_), nullptr, value));
  ASSIGN_OR_RETURN(segments_, decode_bounds({value.data(), value.size()}));
  return {};
}

void BoundsWriter::add(std::uint64_t seq, std::int64_t time, rocksdb::WriteBatch& batch) {
  const auto bucket = static_cast<std::uint32_t>(seq >> kBucketBits);
  if (bucket != bucket_) {
    finish(batch);
    bucket_ = bucket;
    segments_.clear();
  }
  const std::size_t segment = (seq >> kSegmentBits) % kSegmentsPerBucket;
  if (segments_.size() <= segment) {
    segments_.resize(segment + 1);
  }
  segments_[segment].add(time);
  changed_ = true;
}

void BoundsWriter::finish(rocksdb::WriteBatch& batch) {
  if (changed_) {
    const base::Bytes key = bounds_key(log_, column_, bucket_);
    batch.Put(database_.handle(Family::Time), rocksdb::Slice(key),
              rocksdb::Slice(encode_bounds(segments_)));
    changed_ = false;
  }
}

}  // namespace piperoll::store::rocks
