#include "store/rocksdb/id_index.h"

#include "base/coding.h"

namespace piperoll::store::rocks {
namespace {

base::Result<std::uint64_t> decode_seq(base::Decoder& decoder) {
  const std::uint64_t seq = decoder.varint();
  if (!decoder.ok()) {
    return damaged_ids();
  }
  return seq;
}

// One seq that somebody merged after the other.
base::Result<void> append_hashed(const Database& database, const Snapshot& snapshot, LogNumber log,
                                 std::string_view id, std::vector<std::uint64_t>& seqs) {
  rocksdb::PinnableSlice value;
  const base::Bytes key = id_key(log, database.id_secret(), id);
  ASSIGN_OR_RETURN(const bool is_there, database.find(Family::Ids, key, snapshot, value));
  if (!is_there) {
    return {};
  }
  base::Decoder decoder({value.data(), value.size()});
  do {
    ASSIGN_OR_RETURN(const std::uint64_t seq, decode_seq(decoder));
    if (!seqs.empty() && seq <= seqs.back()) {
      return damaged_ids();
    }
    seqs.push_back(seq);
  } while (!decoder.at_end());
  return {};
}

// What follows the seq is left by versions before 6.
base::Result<void> append_older(const Database& database, const Snapshot& snapshot, LogNumber log,
                                std::string_view id, std::vector<std::uint64_t>& seqs) {
  rocksdb::PinnableSlice value;
  const base::Bytes whole = whole_id_key(log, id);
  ASSIGN_OR_RETURN(bool is_there, database.find(Family::Ids, whole, snapshot, value));
  if (!is_there) {
    const base::Bytes text = text_id_key(log, id);
    if (text != whole) {
      ASSIGN_OR_RETURN(is_there, database.find(Family::Ids, text, snapshot, value));
    }
  }
  if (is_there) {
    base::Decoder decoder({value.data(), value.size()});
    ASSIGN_OR_RETURN(seqs.emplace_back(), decode_seq(decoder));
  }
  return {};
}

}  // namespace

base::Error damaged_ids() {
  return {.kind = base::ErrorKind::Corruption,
          .message = "the entry of an id is damaged",
          .code = "damaged_ids"};
}

void put_id(rocksdb::WriteBatch& batch, const Database& database, LogNumber log,
            std::string_view id, std::uint64_t seq) {
  base::Bytes value;
  base::put_varint(value, seq);
  const base::Bytes key = id_key(log, database.id_secret(), id);
  batch.Merge(database.handle(Family::Ids), rocksdb::Slice(key), rocksdb::Slice(value));
}

base::Result<std::vector<std::uint64_t>> seqs_of_id(const Database& database,
                                                    const Snapshot& snapshot, LogNumber log,
                                                    std::string_view id) {
  std::vector<std::uint64_t> seqs;
  // Older ids have lower seqs than any that was hashed.
  if (database.has_older_ids()) {
    RETURN_IF_ERROR(append_older(database, snapshot, log, id, seqs));
  }
  if (!database.id_secret().empty()) {
    RETURN_IF_ERROR(append_hashed(database, snapshot, log, id, seqs));
  }
  return seqs;
}

}  // namespace piperoll::store::rocks
