#include "store/rocksdb/store_format.h"

#include "base/coding.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

base::Result<void> write_format(Database& database) {
  base::Bytes version;
  base::put_be32(version, kFormatVersion);
  const base::Bytes key = format_key();
  rocksdb::WriteBatch batch;
  batch.Put(database.handle(Family::Meta), rocksdb::Slice(key), rocksdb::Slice(version));
  RETURN_IF_ERROR(database.write(batch));
  return database.flush();
}

}  // namespace

base::Result<void> check_format(Database& database, bool read_only) {
  rocksdb::PinnableSlice value;
  const base::Result<void> found = database.get(Family::Meta, format_key(), nullptr, value);
  if (!found && found.error().kind == base::ErrorKind::NotFound && !read_only) {
    return write_format(database);
  }
  RETURN_IF_ERROR(found);
  const std::uint32_t version = value.size() == 4 ? base::load_be32(value.data()) : 0;
  if (version > kFormatVersion) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the store was written by a newer version of this program",
                       .code = "newer_format",
                       .detail = "format " + std::to_string(version)};
  }
  if (version != 0 && version < kFormatVersionLeast) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message =
                           "the store was written by a version of this program from before "
                           "its first release; export from it there, and import here",
                       .code = "older_format",
                       .detail = "format " + std::to_string(version)};
  }
  if (version == 0) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the format version of the store is damaged",
                       .code = "damaged_store"};
  }
  return version == kFormatVersion || read_only ? base::Result<void>() : write_format(database);
}

}  // namespace piperoll::store::rocks
