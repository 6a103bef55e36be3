#include "store/rocksdb/hashed_values.h"

#include "base/coding.h"
#include "crypto/sha256.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::size_t kEntryBytes = 6;  // low 16 bits of the seq, rest of the hash

}  // namespace

ValueHash hash_of(std::string_view value) {
  const crypto::Sha256Digest digest = crypto::sha256(value);
  static_assert(kHashPartitions == 64);
  return {.partition = static_cast<std::uint8_t>(digest[0] >> 2U),
          .rest = base::load_be32(crypto::as_bytes(digest).data() + 1)};
}

void HashedValuesWriter::add(std::uint64_t seq, std::string_view value) {
  if (partitions_.empty()) {
    partitions_.resize(kHashPartitions);
  }
  const ValueHash hash = hash_of(value);
  Partition& partition = partitions_[hash.partition];
  if (partition.entries.empty()) {
    changed_.push_back(hash.partition);
  }
  base::put_be16(partition.entries, static_cast<std::uint16_t>(seq % kBucketSeqs));
  base::put_be32(partition.entries, hash.rest);
}

// As postings are written: the first part of a bucket is put, later ones are merged, and after many
// all of it is put again. After a restart it is not known how many there are: the next one counts
// them all.
base::Result<void> HashedValuesWriter::finish_bucket(std::uint32_t bucket,
                                                     rocksdb::WriteBatch& batch) {
  for (const std::uint8_t number : changed_) {
    Partition& partition = partitions_[number];
    const base::Bytes key = hashed_key(log_, field_, number, bucket);
    if (partition.bucket != kNeverWritten && partition.bucket != bucket) {
      partition.merges = 0;
      batch.Put(database_.handle(Family::Codes), rocksdb::Slice(key),
                rocksdb::Slice(partition.entries));
    } else if (partition.bucket == bucket && partition.merges < kMergesMax) {
      ++partition.merges;
      batch.Merge(database_.handle(Family::Codes), rocksdb::Slice(key),
                  rocksdb::Slice(partition.entries));
    } else {
      rocksdb::PinnableSlice stored;
      const base::Result<void> found = database_.get(Family::Codes, key, nullptr, stored);
      if (!found && found.error().kind != base::ErrorKind::NotFound) {
        return found;
      }
      base::Bytes whole(stored.data(), stored.size());
      whole += partition.entries;
      batch.Put(database_.handle(Family::Codes), rocksdb::Slice(key), rocksdb::Slice(whole));
      partition.merges = 0;
    }
    partition.bucket = bucket;
    partition.entries.clear();
  }
  changed_.clear();
  return {};
}

base::Result<std::vector<std::uint64_t>> find_hashed(const Database& database,
                                                     const Snapshot& snapshot, LogNumber log,
                                                     std::uint8_t field, std::string_view value) {
  const ValueHash wanted = hash_of(value);
  const base::Bytes prefix = hashed_prefix(log, field, wanted.partition);
  Cursor cursor(database, Family::Codes, snapshot, prefix, end_of(prefix));
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
      if (base::load_be32(entries.data() + at + 2) == wanted.rest) {
        seqs.push_back((std::uint64_t{*bucket} << kBucketBits) +
                       base::load_be16(entries.data() + at));
      }
    }
  }
  RETURN_IF_ERROR(cursor.status());
  return seqs;
}

}  // namespace piperoll::store::rocks
