#include "store/rocksdb/counts_writer.h"

#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

base::Result<void> add_to_counts(const Database& database, const base::Bytes& key,
                                 std::span<const KeyCount> counts, std::uint8_t& merges,
                                 rocksdb::WriteBatch& batch) {
  base::Bytes value;
  if (merges < kMergesMax) {
    append_counts(value, counts);
    batch.Merge(database.handle(Family::Roll), rocksdb::Slice(key), rocksdb::Slice(value));
    ++merges;
    return {};
  }
  rocksdb::PinnableSlice stored;
  RETURN_IF_ERROR(database.find(Family::Roll, key, nullptr, stored));
  ASSIGN_OR_RETURN(const Counts before, decode_counts({stored.data(), stored.size()}));
  append_counts(value, add_counts(before, counts));
  batch.Put(database.handle(Family::Roll), rocksdb::Slice(key), rocksdb::Slice(value));
  merges = 0;
  return {};
}

}  // namespace piperoll::store::rocks
