#pragma once
// Catalog: which logs there are and what readers may see of them. apply publishes here; every read
// takes its view from here, so that it works on what was applied and nothing half-written.
// Thread-safe.

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "event/record.h"
#include "store/event_store.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/log_head.h"

namespace piperoll::store::rocks {

using LogHeadPointer = std::shared_ptr<const LogHead>;

// One state of the store, and of one log in it.
struct ReadView {
  event::LogId log;
  Snapshot snapshot;
  LogHeadPointer head;  // null: no record of the log is applied
  // What waits to be applied to it, from applied() or before on; null: nothing.
  std::shared_ptr<const Unapplied> unapplied = nullptr;
  std::uint64_t applied() const { return head == nullptr ? 0 : head->size; }
  // Records: those that are applied, then those that are not.
  std::uint64_t size() const { return unapplied == nullptr ? applied() : unapplied->end_seq(); }
};

class Catalog {
 public:
  // Reads heads, applied lsn and number of control records from meta.
  static base::Result<std::unique_ptr<Catalog>> load(const Database& database);

  ReadView view(const event::LogId& log) const;
  LogHeadPointer head(const event::LogId& log) const;
  std::vector<event::LogId> logs() const;
  Snapshot snapshot() const;
  Lsn applied() const;
  std::uint64_t records() const;  // of all logs

  // Everything that one batch changed, at once.
  struct Change {
    Snapshot snapshot = {};
    Lsn applied = 0;
    std::vector<std::pair<event::LogId, LogHeadPointer>> heads = {};
  };
  void publish(Change change);
  // Before the database is closed: no read may begin afterwards.
  void clear();

 private:
  mutable base::Mutex mutex_;
  Snapshot snapshot_ GUARDED_BY(mutex_);
  Lsn applied_ GUARDED_BY(mutex_) = 0;
  std::uint64_t records_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<event::LogId, LogHeadPointer, event::LogIdHash> heads_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::store::rocks
