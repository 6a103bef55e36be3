#include "store/rocksdb/catalog.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"

namespace piperoll::store::rocks {
namespace {

base::Error damaged(const std::string& what) {
  return {.kind = base::ErrorKind::Corruption, .message = what, .code = "damaged_store"};
}

base::Result<Lsn> read_applied(const Database& database, const Snapshot& snapshot) {
  rocksdb::PinnableSlice value;
  ASSIGN_OR_RETURN(const bool found, database.find(Family::Meta, applied_key(), snapshot, value));
  if (!found) {
    return Lsn{0};
  }
  if (value.size() != sizeof(Lsn)) {
    return damaged("the applied position of the store is damaged");
  }
  return base::load_be64(value.data());
}

}  // namespace

base::Result<std::unique_ptr<Catalog>> Catalog::load(const Database& database) {
  auto catalog = std::make_unique<Catalog>();
  Change change{.snapshot = database.snapshot()};
  ASSIGN_OR_RETURN(change.applied, read_applied(database, change.snapshot));
  Cursor cursor(database, Family::Meta, change.snapshot, log_prefix(), end_of(log_prefix()));
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    const std::optional<event::LogId> log = parse_log_key(cursor.key());
    if (!log.has_value()) {
      return damaged("the name of a log is damaged");
    }
    ASSIGN_OR_RETURN(LogHead head, decode_log_head(cursor.value()));
    change.heads.emplace_back(*log, std::make_shared<const LogHead>(std::move(head)));
  }
  RETURN_IF_ERROR(cursor.status());
  catalog->publish(std::move(change));
  return catalog;
}

ReadView Catalog::view(const event::LogId& log) const {
  base::MutexLock lock(mutex_);
  const auto found = heads_.find(log);
  return {
      .log = log, .snapshot = snapshot_, .head = found == heads_.end() ? nullptr : found->second};
}

LogHeadPointer Catalog::head(const event::LogId& log) const {
  base::MutexLock lock(mutex_);
  const auto found = heads_.find(log);
  return found == heads_.end() ? nullptr : found->second;
}

std::vector<event::LogId> Catalog::logs() const {
  std::vector<event::LogId> logs;
  {
    base::MutexLock lock(mutex_);
    for (const auto& [log, head] : heads_) {
      logs.push_back(log);
    }
  }
  std::sort(logs.begin(), logs.end());
  return logs;
}

Snapshot Catalog::snapshot() const {
  base::MutexLock lock(mutex_);
  return snapshot_;
}

Lsn Catalog::applied() const {
  base::MutexLock lock(mutex_);
  return applied_;
}

std::uint64_t Catalog::records() const {
  base::MutexLock lock(mutex_);
  return records_;
}

void Catalog::publish(Change change) {
  base::MutexLock lock(mutex_);
  // The old snapshot goes into change and is released with it, after the lock.
  std::swap(snapshot_, change.snapshot);
  applied_ = change.applied;
  for (auto& [log, head] : change.heads) {
    LogHeadPointer& current = heads_[log];
    records_ += head->size - (current == nullptr ? 0 : current->size);
    std::swap(current, head);
  }
}

void Catalog::clear() {
  base::MutexLock lock(mutex_);
  snapshot_.reset();
  heads_.clear();
}

}  // namespace piperoll::store::rocks
