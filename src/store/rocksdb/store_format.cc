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

// The id of a record that no log has.
base::Bytes example_of(const IdCipher& cipher) {
  return base::Bytes(cipher.make({}, 0, {}).as_bytes());
}

// What only this version knows is written with it, in one batch. A store of this version without
// the mark of older ids has none, no id is ever hashed with another secret, and no cipher but this
// one makes the ids that rows leave out.
base::Result<void> write_format(Database& database, const IdCipher& cipher) {
  base::Bytes version;
  base::put_be32(version, kFormatVersion);
  if (database.id_secret().empty()) {
    database.set_id_secret(crypto::random_bytes(crypto::kKeyedHashKeyBytes));
  }
  rocksdb::WriteBatch batch;
  const auto put = [&](const base::Bytes& key, base::ByteView value) {
    batch.Put(database.handle(Family::Meta), rocksdb::Slice(key),
              rocksdb::Slice(value.data(), value.size()));
  };
  put(format_key(), version);
  put(id_secret_key(), database.id_secret());
  put(made_id_key(), example_of(cipher));
  if (database.has_older_ids()) {
    put(older_ids_key(), {});
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

base::Result<void> check_cipher(const Database& database, const IdCipher& cipher) {
  rocksdb::PinnableSlice value;
  ASSIGN_OR_RETURN(const bool found, database.find(Family::Meta, made_id_key(), nullptr, value));
  if (!found || base::ByteView(value.data(), value.size()) != example_of(cipher)) {
    return base::Error{
        .kind = base::ErrorKind::Corruption,
        .message =
            "the store was written with another id_key than the data directory has in "
            "\"secrets\": restore that file from the backup",
        .code = "wrong_id_key"};
  }
  return {};
}

base::Result<bool> marked_older_ids(const Database& database) {
  rocksdb::PinnableSlice value;
  return database.find(Family::Meta, older_ids_key(), nullptr, value);
}

}  // namespace

base::Result<void> check_format(Database& database, const IdCipher& cipher, bool read_only) {
  ASSIGN_OR_RETURN(const std::optional<std::uint32_t> found, read_version(database));
  if (!found.has_value() && read_only) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "no such key in the store"};
  }
  ASSIGN_OR_RETURN(const bool marked, marked_older_ids(database));
  if (marked || found.value_or(kFormatVersion) < kFormatVersionHashedIds) {
    database.set_has_older_ids();
  }
  const std::uint32_t version = found.value_or(0);
  if (version >= kFormatVersionHashedIds) {
    RETURN_IF_ERROR(load_id_secret(database));
  }
  if (version >= kFormatVersionToldIds) {
    RETURN_IF_ERROR(check_cipher(database, cipher));
  }
  database.set_id_cipher(cipher);
  return version == kFormatVersion || read_only ? base::Result<void>()
                                                : write_format(database, cipher);
}

}  // namespace piperoll::store::rocks
