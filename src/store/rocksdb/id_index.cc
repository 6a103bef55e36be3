#include "store/rocksdb/id_index.h"

#include "base/coding.h"

namespace piperoll::store::rocks {
namespace {

base::Result<KnownId> decode_known(base::ByteView value) {
  base::Decoder decoder(value);
  KnownId known;
  known.seq = decoder.varint();
  if (!decoder.ok()) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the entry of an id is damaged",
                       .code = "damaged_ids"};
  }
  known.digest = std::string(decoder.rest());
  return known;
}

}  // namespace

void put_id(rocksdb::WriteBatch& batch, const Database& database, LogNumber log,
            std::string_view id, const KnownId& known) {
  base::Bytes value;
  base::put_varint(value, known.seq);
  value.append(known.digest);
  const base::Bytes key = id_key(log, id);
  batch.Put(database.handle(Family::Ids), rocksdb::Slice(key), rocksdb::Slice(value));
}

base::Result<std::optional<KnownId>> get_id(const Database& database, const Snapshot& snapshot,
                                            LogNumber log, std::string_view id) {
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
    return std::optional<KnownId>();
  }
  ASSIGN_OR_RETURN(KnownId known, decode_known({value.data(), value.size()}));
  return std::optional<KnownId>(std::move(known));
}

}  // namespace piperoll::store::rocks
