#include "store/rocksdb/store_format.h"

#include <optional>
#include <string>

#include "base/coding.h"
#include "crypto/keyed_hash.h"
#include "crypto/random.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

base::Result<std::uint32_t> parse_version(base::ByteView value) {
  const std::uint32_t version = value.size() == 4 ? base::load_be32(value.data()) : 0;
  if (version == 0) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the format version of the store is damaged",
                       .code = "damaged_store"};
  }
  if (version > kFormatVersion) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the store was written by a newer version of this program",
                       .code = "newer_format",
                       .detail = "format " + std::to_string(version)};
  }
  if (version < kFormatVersionLeast) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message =
                           "the store was written by a version of this program from before "
                           "its first release; export from it there, and import here",
                       .code = "older_format",
                       .detail = "format " + std::to_string(version)};
  }
  return version;
}

// That there are older ids is written with the version that makes new ones, in one batch: a store
// of this version without that mark has none. So is the secret: no id is ever hashed with another.
base::Result<void> write_format(Database& database) {
  base::Bytes version;
  base::put_be32(version, kFormatVersion);
  const base::Bytes key = format_key();
  const base::Bytes secret_key = id_secret_key();
  const base::Bytes older_ids = older_ids_key();
  database.set_id_secret(crypto::random_bytes(crypto::kKeyedHashKeyBytes));
  rocksdb::WriteBatch batch;
  batch.Put(database.handle(Family::Meta), rocksdb::Slice(key), rocksdb::Slice(version));
  batch.Put(database.handle(Family::Meta), rocksdb::Slice(secret_key),
            rocksdb::Slice(database.id_secret()));
  if (database.has_older_ids()) {
    batch.Put(database.handle(Family::Meta), rocksdb::Slice(older_ids), rocksdb::Slice());
  }
  RETURN_IF_ERROR(database.write(batch));
  return database.flush();
}

// Absent: new data.
base::Result<std::optional<std::uint32_t>> read_version(const Database& database) {
  rocksdb::PinnableSlice value;
  ASSIGN_OR_RETURN(const bool found, database.find(Family::Meta, format_key(), nullptr, value));
  if (!found) {
    return std::optional<std::uint32_t>();
  }
  ASSIGN_OR_RETURN(const std::uint32_t version, parse_version({value.data(), value.size()}));
  return std::optional(version);
}

base::Result<void> load_id_secret(Database& database) {
  rocksdb::PinnableSlice value;
  ASSIGN_OR_RETURN(const bool found, database.find(Family::Meta, id_secret_key(), nullptr, value));
  if (!found || value.size() != crypto::kKeyedHashKeyBytes) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the secret of the store's ids is damaged",
                       .code = "damaged_store"};
  }
  database.set_id_secret({value.data(), value.size()});
  return {};
}

base::Result<bool> marked_older_ids(const Database& database) {
  rocksdb::PinnableSlice value;
  return database.find(Family::Meta, older_ids_key(), nullptr, value);
}

}  // namespace

base::Result<void> check_format(Database& database, bool read_only) {
  ASSIGN_OR_RETURN(const std::optional<std::uint32_t> version, read_version(database));
  if (!version.has_value() && read_only) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "no such key in the store"};
  }
  ASSIGN_OR_RETURN(const bool marked, marked_older_ids(database));
  if (marked || version.value_or(kFormatVersion) < kFormatVersionHashedIds) {
    database.set_has_older_ids();
  }
  if (version == kFormatVersion) {
    return load_id_secret(database);
  }
  return read_only ? base::Result<void>() : write_format(database);
}

}  // namespace piperoll::store::rocks
