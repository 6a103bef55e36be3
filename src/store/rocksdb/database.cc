#include "store/rocksdb/database.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/perf_level.h>
#include <unistd.h>

#include "base/check.h"
#include "base/diagnostics.h"
#include "base/thread.h"

namespace piperoll::store::rocks {
namespace {

constexpr int kCacheShardBits = 2;  // index-sized entries evict each other in many small shards
constexpr int kBackgroundJobsMax = 2;
constexpr std::size_t kInfoLogBytesMax = 8 << 20;
constexpr std::size_t kInfoLogsKept = 4;

// Whether files of the directory can be opened past the page cache. RocksDB would find out with its
// first flush, when it is too late.
bool direct_io_works(const std::string& directory) {
  const std::string path = directory + "/direct_io_probe";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_DIRECT | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
  }
  ::unlink(path.c_str());
  return file >= 0;
}

// What is written out gives way to those that answer as the indexer does, which makes it, and no
// further: the lowest priority lets memtables pile up, and a start replays what is in them.
class FlushPriority : public rocksdb::EventListener {
 public:
  void OnFlushBegin(rocksdb::DB* /*db*/, const rocksdb::FlushJobInfo& /*info*/) override {
    thread_local bool lowered = false;
    if (!lowered) {
      lowered = true;
      base::lower_this_threads_priority();
    }
  }
};

rocksdb::DBOptions database_options(const RocksOptions& options) {
  rocksdb::DBOptions result;
  result.create_if_missing = !options.read_only;
  result.create_missing_column_families = !options.read_only;
  // Our batches span families and there is no log: a flush of some of them would lose the rest.
  result.atomic_flush = true;
  result.max_background_jobs = kBackgroundJobsMax;
  result.max_log_file_size = kInfoLogBytesMax;
  result.keep_log_file_num = kInfoLogsKept;
  result.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  result.bytes_per_sync = 1 << 20;
  result.avoid_flush_during_shutdown = !options.flush_at_close;
  result.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
  result.listeners.push_back(std::make_shared<FlushPriority>());
  return result;
}

base::Error open_error(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("LOCK") != std::string::npos) {
    return {.kind = base::ErrorKind::Unavailable,
            .message = "the data directory is in use by another process",
            .code = "locked",
            .detail = text};
  }
  const auto kind =
      status.IsCorruption() ? base::ErrorKind::Corruption : base::ErrorKind::Unavailable;
  return {.kind = kind, .message = "the store cannot be opened: " + text};
}

// Families of a newer program would be refused by RocksDB too, with an error of no use to people.
base::Result<void> refuse_unknown_families(const std::string& directory) {
  std::vector<std::string> found;
  const rocksdb::Status status =
      rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), directory, &found);
  if (!status.ok()) {
    return {};  // nothing there yet; if it is damage, the opening tells
  }
  for (const std::string& name : found) {
    if (std::find(kFamilyNames.begin(), kFamilyNames.end(), name) == kFamilyNames.end()) {
      return base::Error{.kind = base::ErrorKind::Corruption,
                         .message = "the store was written by a newer version of this program",
                         .code = "newer_format",
                         .detail = "column family " + name};
    }
  }
  return {};
}

rocksdb::ReadOptions read_options(const Snapshot& snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot.get();
  return options;
}

rocksdb::Slice slice(base::ByteView bytes) {
  return {bytes.data(), bytes.size()};
}

// That a key is not there is no error.
base::Result<bool> is_found(const rocksdb::Status& status) {
  if (!status.ok() && !status.IsNotFound()) {
    return from_rocksdb(status);
  }
  return status.ok();
}

// The changes of a batch, in the order of their keys and, for the same key, as they came.
class InKeyOrder : public rocksdb::WriteBatch::Handler {
 public:
  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    changes_.push_back({.family = family, .key = key, .value = value});
    return rocksdb::Status::OK();
  }
  rocksdb::Status MergeCF(std::uint32_t family, const rocksdb::Slice& key,
                          const rocksdb::Slice& value) override {
    changes_.push_back({.family = family, .merge = true, .key = key, .value = value});
    return rocksdb::Status::OK();
  }
  // The original batch is still needed here: its slices are not copied before.
  rocksdb::WriteBatch sorted(std::span<rocksdb::ColumnFamilyHandle* const> handles,
                             std::size_t bytes) {
    std::vector<rocksdb::ColumnFamilyHandle*> by_id;
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
      by_id.resize(std::max<std::size_t>(by_id.size(), handle->GetID() + 1));
      by_id[handle->GetID()] = handle;
    }
    std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
      return a.family != b.family ? a.family < b.family : a.key.compare(b.key) < 0;
    });
    rocksdb::WriteBatch batch(bytes);
    for (const Change& change : changes_) {
      if (change.merge) {
        batch.Merge(by_id[change.family], change.key, change.value);
      } else {
        batch.Put(by_id[change.family], change.key, change.value);
      }
    }
    return batch;
  }

 private:
  struct Change {
    std::uint32_t family = 0;
    bool merge = false;
    rocksdb::Slice key = {}, value = {};
  };
  std::vector<Change> changes_;
};

// With a name of its own, by which tools/tsan_suppressions.txt knows it.
void release_snapshot(rocksdb::DB& db, const rocksdb::Snapshot* snapshot) {
  db.ReleaseSnapshot(snapshot);
}

}  // namespace

base::Error from_rocksdb(const rocksdb::Status& status) {
  if (status.IsCorruption()) {
    return {.kind = base::ErrorKind::Corruption,
            .message = "the store is damaged: " + status.ToString(),
            .code = "damaged_store"};
  }
  if (status.IsNotFound()) {
    return {.kind = base::ErrorKind::NotFound, .message = "no such key in the store"};
  }
  if (status.IsNoSpace()) {
    return {.kind = base::ErrorKind::Unavailable,
            .message = "the disk of the store is full",
            .code = "no_space",
            .detail = status.ToString()};
  }
  return {.kind = base::ErrorKind::Internal,
          .message = "the store failed",
          .detail = status.ToString()};
}

base::Result<std::unique_ptr<Database>> Database::open(const RocksOptions& options) {
  std::error_code error;
  if (!options.read_only) {
    std::filesystem::create_directories(options.directory, error);
  }
  if (error) {
    return base::Error{.kind = base::ErrorKind::Unavailable,
                       .message = "the directory of the store cannot be made: " + error.message()};
  }
  RETURN_IF_ERROR(refuse_unknown_families(options.directory));
  auto database = std::make_unique<Database>(Passkey{});
  rocksdb::DBOptions db_options = database_options(options);
  db_options.use_direct_io_for_flush_and_compaction =
      !options.read_only && direct_io_works(options.directory);
  if (!options.read_only && !db_options.use_direct_io_for_flush_and_compaction) {
    base::warning("the store's file system refuses direct I/O; flushes use the page cache",
                  {{"directory", options.directory}});
  }
  RETURN_IF_ERROR(database->open_with(options, db_options));
  return database;
}

base::Result<void> Database::open_with(const RocksOptions& options,
                                       const rocksdb::DBOptions& db_options) {
  block_cache_ = rocksdb::NewLRUCache(options.block_cache_bytes, kCacheShardBits);
  write_buffers_ = std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes);
  rocksdb::DBOptions with_buffers = db_options;
  with_buffers.write_buffer_manager = write_buffers_;
  const FamilySettings settings{.write_buffer_bytes = options.write_buffer_bytes,
                                .block_cache = block_cache_};
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i), settings));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(with_buffers, options.directory, families, &handles, &db)
          : rocksdb::DB::Open(with_buffers, options.directory, families, &handles, &db);
  if (!status.ok()) {
    return open_error(status);
  }
  db_.reset(db);
  CHECK(handles.size() == kFamilyCount);
  std::copy(handles.begin(), handles.end(), handles_.begin());
  return {};
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) {
      db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
  }
  if (db_ != nullptr) {
    db_->Close().PermitUncheckedError();  // flushes what is in memory, unless told not to
  }
}

base::Result<void> Database::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;                            // our journal is the log
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);  // of this thread: nobody reads its counters
  // Neighbours are found from the place of the one before, which is near; from the top of a large
  // memtable every step of the way is a cache miss.
  InKeyOrder order;
  rocksdb::Status status = batch.Iterate(&order);
  if (status.ok()) {
    rocksdb::WriteBatch sorted = order.sorted(handles_, batch.GetDataSize());
    status = db_->Write(options, &sorted);
  }
  if (!status.ok()) {
    return from_rocksdb(status);
  }
  return {};
}

base::Result<void> Database::flush() {
  const rocksdb::Status status =
      db_->Flush(rocksdb::FlushOptions(), {handles_.begin(), handles_.end()});
  if (!status.ok()) {
    return from_rocksdb(status);
  }
  return {};
}

base::Result<void> Database::compact() {
  RETURN_IF_ERROR(flush());
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (rocksdb::ColumnFamilyHandle* const family : handles_) {
    const rocksdb::Status status = db_->CompactRange(options, family, nullptr, nullptr);
    if (!status.ok()) {
      return from_rocksdb(status);
    }
  }
  return {};
}

base::Result<bool> Database::find(Family family, base::ByteView key, const Snapshot& snapshot,
                                  rocksdb::PinnableSlice& value) const {
  value.Reset();
  return is_found(db_->Get(read_options(snapshot), handle(family), slice(key), &value));
}

base::Result<void> Database::get(Family family, base::ByteView key, const Snapshot& snapshot,
                                 rocksdb::PinnableSlice& value) const {
  ASSIGN_OR_RETURN(const bool found, find(family, key, snapshot, value));
  return found ? base::Result<void>() : from_rocksdb(rocksdb::Status::NotFound());
}

base::Result<bool> Database::get_persisted(Family family, base::ByteView key,
                                           base::Bytes& value) const {
  rocksdb::ReadOptions options;
  options.read_tier = rocksdb::kPersistedTier;
  return is_found(db_->Get(options, handle(family), slice(key), &value));
}

Snapshot Database::snapshot() const {
  rocksdb::DB* db = db_.get();
  return {db->GetSnapshot(),
          [db](const rocksdb::Snapshot* snapshot) { release_snapshot(*db, snapshot); }};
}

std::uint64_t Database::bytes_on_disk() const {
  std::uint64_t sum = 0;
  for (rocksdb::ColumnFamilyHandle* family : handles_) {
    std::uint64_t bytes = 0;
    if (db_->GetIntProperty(family, rocksdb::DB::Properties::kTotalSstFilesSize, &bytes)) {
      sum += bytes;
    }
  }
  return sum;
}

std::uint64_t Database::memory_bytes() const {
  // The readers of the tables are charged to the cache (column_families.cc).
  return write_buffers_->memory_usage() + block_cache_->GetUsage() + row_dictionaries_.bytes();
}

Cursor::Cursor(const Database& database, Family family, const Snapshot& snapshot, base::Bytes lower,
               base::Bytes upper, Cache cache)
    : snapshot_(snapshot),
      lower_(std::move(lower)),
      upper_(std::move(upper)),
      lower_slice_(lower_),
      upper_slice_(upper_) {
  rocksdb::ReadOptions options = read_options(snapshot_);
  options.iterate_lower_bound = &lower_slice_;
  options.iterate_upper_bound = &upper_slice_;
  options.fill_cache = cache == Cache::Fill;
  iterator_.reset(database.db().NewIterator(options, database.handle(family)));
}

base::Result<void> Cursor::status() const {
  if (!iterator_->status().ok()) {
    return from_rocksdb(iterator_->status());
  }
  return {};
}

}  // namespace piperoll::store::rocks
