#pragma once
// Database: RocksDB opened the way this store needs it (no log of its own, all families flushed
// together), behind Result. Thread-safe; apart from this class and Cursor nothing calls RocksDB.

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/column_families.h"
#include "store/rocksdb/made_ids.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/row_dictionaries.h"

namespace piperoll::store::rocks {

// Corruption for damaged data, Unavailable (code "no_space") for a full disk, Internal otherwise.
base::Error from_rocksdb(const rocksdb::Status& status);

using Snapshot = std::shared_ptr<const rocksdb::Snapshot>;

class Database {
 public:
  struct Passkey {};
  explicit Database(Passkey) {}  // open() makes databases
  // Errors as open_rocksdb_store says, but for the format version of the data.
  static base::Result<std::unique_ptr<Database>> open(const RocksOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // All or nothing. Not durable before flush.
  base::Result<void> write(rocksdb::WriteBatch& batch);
  base::Result<void> flush();
  // Flushes, then rewrites every file of every family. For tests.
  base::Result<void> compact();

  // False, and value is empty, when there is no such key. snapshot may be null: the newest state.
  base::Result<bool> find(Family family, base::ByteView key, const Snapshot& snapshot,
                          rocksdb::PinnableSlice& value) const;
  // Of a key that must be there: NotFound when it is not.
  base::Result<void> get(Family family, base::ByteView key, const Snapshot& snapshot,
                         rocksdb::PinnableSlice& value) const;
  // What would be read after losing power now; false: no such key.
  base::Result<bool> get_persisted(Family family, base::ByteView key, base::Bytes& value) const;

  // Released with its last copy, which must be before the database.
  Snapshot snapshot() const;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<std::size_t>(family)];
  }
  // Empty until load_row_dictionaries().
  const RowDictionaries& row_dictionaries() const { return row_dictionaries_; }
  RowDictionaries& row_dictionaries() { return row_dictionaries_; }
  // Whether ids may stand under keys of versions before 7, and what the others are hashed with;
  // empty where there cannot be others. Set by check_format(), before other threads read.
  bool has_older_ids() const { return has_older_ids_; }
  void set_has_older_ids() { has_older_ids_ = true; }
  const base::Bytes& id_secret() const { return id_secret_; }
  void set_id_secret(base::ByteView secret) { id_secret_ = secret; }
  // As set_id_cipher(), which check_format() calls too; without a cipher before.
  MadeIds made_ids(const event::LogId& log) const { return {.cipher = id_cipher_, .log = log}; }
  void set_id_cipher(const IdCipher& cipher) { id_cipher_ = &cipher; }
  std::uint64_t bytes_on_disk() const;
  std::uint64_t memory_bytes() const;

 private:
  base::Result<void> open_with(const RocksOptions& options, const rocksdb::DBOptions& db_options);

  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  std::unique_ptr<rocksdb::DB> db_;
  RowDictionaries row_dictionaries_;
  bool has_older_ids_ = false;
  base::Bytes id_secret_;
  const IdCipher* id_cipher_ = nullptr;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles_{};
};

// An iterator over the keys [lower, upper) of a family. One thread at a time; views of key() and
// value() last until it moves.
class Cursor {
 public:
  enum class Cache { Fill, Leave };  // Leave: for long scans, which would empty the block cache
  Cursor(const Database& database, Family family, const Snapshot& snapshot, base::Bytes lower,
         base::Bytes upper, Cache cache = Cache::Fill);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  void seek(base::ByteView key) { iterator_->Seek({key.data(), key.size()}); }
  void seek_first() { iterator_->SeekToFirst(); }
  void seek_last() { iterator_->SeekToLast(); }
  // To the last key <= key.
  void seek_before(base::ByteView key) { iterator_->SeekForPrev({key.data(), key.size()}); }
  void next() { iterator_->Next(); }
  bool valid() const { return iterator_->Valid(); }
  base::ByteView key() const { return {iterator_->key().data(), iterator_->key().size()}; }
  base::ByteView value() const { return {iterator_->value().data(), iterator_->value().size()}; }
  // Whether being at the end is an error in truth. Check after the last key.
  base::Result<void> status() const;

 private:
  Snapshot snapshot_;
  base::Bytes lower_, upper_;
  rocksdb::Slice lower_slice_, upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace piperoll::store::rocks
