#include "store/rocksdb/id_index.h"

#include "base/coding.h"

namespace piperoll::store::rocks {
namespace {

// What follows the seq is left by versions before 6.
base::Result<std::uint64_t> decode_seq(base::ByteView value) {
  base::Decoder decoder(value);
  const std::uint64_t seq = decoder.varint();
  if (!decoder.ok()) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the entry of an id is damaged",
                       .code = "damaged_ids"};
  }
  return seq;
}

}  // namespace

void put_id(rocksdb::WriteBatch& batch, const Database& database, LogNumber log,
            std::string_view id, std::uint64_t seq) {
  base::Bytes value;
  base::put_varint(value, seq);
  const base::Bytes key = id_key(log, id);
  batch.Put(database.handle(Family::Ids), rocksdb::Slice(key), rocksdb::Slice(value));
}

base::Result<std::optional<std::uint64_t>> get_id(const Database& database,
                                                  const Snapshot& snapshot, LogNumber log,
                                                  std::string_view id) {
  const base::Bytes key = id_key(log, id);
  rocksdb::PinnableSlice value;
  ASSIGN_OR_RETURN(bool is_there, database.find(Family::Ids, key, snapshot, value));
  if (!is_there && database.has_older_ids()) {
    const base::Bytes older_key = older_id_key(log, id);
    if (older_key != key) {
      ASSIGN_OR_RETURN(is_there, database.find(Family::Ids, older_key, snapshot, value));
    }
  }
  if (!is_there) {
    return std::optional<std::uint64_t>();
  }
  ASSIGN_OR_RETURN(const std::uint64_t seq, decode_seq({value.data(), value.size()}));
  return std::optional(seq);
}

}  // namespace piperoll::store::rocks
