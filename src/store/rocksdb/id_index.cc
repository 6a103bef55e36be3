#include "store/rocksdb/id_index.h"

#include "base/coding.h"

namespace piperoll::store::rocks {

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
  rocksdb::PinnableSlice value;
  const base::Result<void> found = database.get(Family::Ids, id_key(log, id), snapshot, value);
  if (!found && found.error().kind == base::ErrorKind::NotFound) {
    return std::optional<KnownId>();
  }
  RETURN_IF_ERROR(found);
  base::Decoder decoder({value.data(), value.size()});
  KnownId known;
  known.seq = decoder.varint();
  if (!decoder.ok()) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the entry of an id is damaged",
                       .code = "damaged_ids"};
  }
  known.digest = std::string(decoder.rest());
  return std::optional<KnownId>(std::move(known));
}

}  // namespace piperoll::store::rocks
