#pragma once
// Applier: turns batches of journal records into one RocksDB write each. Applying thread only.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "event/record.h"
#include "store/event_store.h"
#include "store/rocksdb/block_packer.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/log_writer.h"

namespace piperoll::store::rocks {

class Applier {
 public:
  // Reads what it must continue from. database and catalog outlive it.
  static base::Result<std::unique_ptr<Applier>> make(Database& database, Catalog& catalog,
                                                     const RocksOptions& options);

  struct Passkey {};
  Applier(Passkey, Database& database, Catalog& catalog, std::size_t dictionary_window)
      : database_(database), catalog_(catalog), packer_(database, dictionary_window) {}

  // As EventStore::apply. After an error every further call is Unavailable (code "store_failed").
  base::Result<void> apply(const AppliedBatch& batch);
  // As EventStore::grow_tree.
  base::Result<void> grow_tree(const event::LogId& log, std::span<const tlog::Hash> leaves);
  // Puts all records of the logs into their indexes. REQUIRES: the logs have records; each once.
  base::Result<void> index_newest(std::span<const event::LogId> logs);

 private:
  base::Result<void> add(const AppliedBatch& batch, rocksdb::WriteBatch& writes);
  base::Result<void> add_events(std::span<const AppliedRecord> events, rocksdb::WriteBatch& writes);
  // Says to the writer of each log how many records it will get.
  base::Result<void> begin(const AppliedBatch& batch, rocksdb::WriteBatch& writes);
  // Writes the batch and shows what it changed.
  base::Result<void> publish(Lsn applied, rocksdb::WriteBatch& writes);
  base::Result<void> check_usable() const;
  base::Result<LogWriter*> writer(const event::LogId& log);
  void forget_idle_logs();

  Database& database_;
  Catalog& catalog_;
  BlockPacker packer_;
  static constexpr std::size_t kRecordsTogether = FieldWriter::kAddedTogetherMax;
  std::vector<event::RecordView> views_;                              // of those being added
  std::array<std::array<char, 36>, kRecordsTogether> id_texts_ = {};  // in them
  std::unordered_map<event::LogId, std::unique_ptr<LogWriter>, event::LogIdHash> writers_;
  IndexSettings settings_;
  LogNumber next_log_number_ = 0;
  std::uint64_t next_control_ = 0;
  std::uint64_t batches_ = 0;
  rocksdb::WriteBatch writes_;  // of the batch being applied
  bool failed_ = false;
};

}  // namespace piperoll::store::rocks
