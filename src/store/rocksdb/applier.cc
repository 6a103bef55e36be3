#include "store/rocksdb/applier.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/coding.h"
#include "base/thread.h"
#include "crypto/random.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// Batches of a usual size find their memory where the one before left it.
constexpr std::size_t kWritesBytesKept = std::size_t{16} << 20;

base::Result<std::uint64_t> count_controls(const Database& database, const Snapshot& snapshot) {
  Cursor cursor(database, Family::Meta, snapshot, control_prefix(), end_of(control_prefix()));
  cursor.seek_last();
  RETURN_IF_ERROR(cursor.status());
  if (!cursor.valid()) {
    return std::uint64_t{0};
  }
  const std::optional<std::uint64_t> last = parse_control_key(cursor.key());
  if (!last.has_value()) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the key of a control record is damaged",
                       .code = "damaged_store"};
  }
  return *last + 1;
}

}  // namespace

base::Result<std::unique_ptr<Applier>> Applier::make(Database& database, Catalog& catalog,
                                                     const RocksOptions& options) {
  auto applier = std::make_unique<Applier>(Passkey{}, database, catalog, options.dictionary_window);
  applier->settings_ = {.indexed_from = options.indexed_from,
                        .field_values_max = options.field_values_max,
                        .sparse_values_min = options.sparse_values_min,
                        .sparse_values_max = options.sparse_values_max};
  crypto::random_bytes(reinterpret_cast<char*>(&applier->settings_.seed), sizeof(std::uint64_t));
  ASSIGN_OR_RETURN(applier->next_control_, count_controls(database, catalog.snapshot()));
  for (const event::LogId& log : catalog.logs()) {
    applier->next_log_number_ = std::max(applier->next_log_number_, catalog.head(log)->number + 1);
  }
  return applier;
}

base::Result<void> Applier::check_usable() const {
  if (failed_) {
    return base::Error{.kind = base::ErrorKind::Unavailable,
                       .message = "the store failed and must be opened again",
                       .code = "store_failed"};
  }
  return {};
}

base::Result<void> Applier::apply(const AppliedBatch& batch) {
  RETURN_IF_ERROR(check_usable());
  CHECK(batch.lsn > catalog_.applied());
  rocksdb::WriteBatch& writes = writes_;
  writes.Clear();
  ++batches_;
  // Until the end it is not known that all went well, and half of it is in the writers.
  failed_ = true;
  RETURN_IF_ERROR(begin(batch, writes));
  RETURN_IF_ERROR(add(batch, writes));
  base::Bytes applied;
  base::put_be64(applied, batch.lsn);
  const base::Bytes key = applied_key();
  writes.Put(database_.handle(Family::Meta), rocksdb::Slice(key), rocksdb::Slice(applied));
  RETURN_IF_ERROR(publish(batch.lsn, writes));
  failed_ = false;
  if (writes.GetDataSize() > kWritesBytesKept) {
    writes = rocksdb::WriteBatch();
  }
  forget_idle_logs();
  return {};
}

base::Result<void> Applier::grow_tree(const event::LogId& log, std::span<const tlog::Hash> leaves) {
  RETURN_IF_ERROR(check_usable());
  rocksdb::WriteBatch writes;
  ++batches_;
  failed_ = true;
  ASSIGN_OR_RETURN(LogWriter * log_writer, writer(log));
  std::uint64_t seq = log_writer->head().tree.size();
  CHECK(seq + leaves.size() <= log_writer->head().size);
  RETURN_IF_ERROR(log_writer->begin(0, writes));
  for (const tlog::Hash& leaf : leaves) {
    log_writer->append_leaf(seq++, leaf);
  }
  RETURN_IF_ERROR(publish(catalog_.applied(), writes));
  failed_ = false;
  return {};
}

base::Result<void> Applier::index_newest(std::span<const event::LogId> logs) {
  RETURN_IF_ERROR(check_usable());
  rocksdb::WriteBatch writes;
  ++batches_;
  failed_ = true;
  for (const event::LogId& log : logs) {
    ASSIGN_OR_RETURN(LogWriter * log_writer, writer(log));
    RETURN_IF_ERROR(log_writer->index_newest(writes));
  }
  RETURN_IF_ERROR(publish(catalog_.applied(), writes));
  failed_ = false;
  forget_idle_logs();
  return {};
}

base::Result<void> Applier::publish(Lsn applied, rocksdb::WriteBatch& writes) {
  Catalog::Change change{.applied = applied};
  for (auto& [log, writer] : writers_) {
    if (writer->last_batch == batches_) {
      ASSIGN_OR_RETURN(LogHeadPointer head, writer->finish(writes));
      change.heads.emplace_back(log, std::move(head));
    }
  }
  packer_.finish(writes);
  RETURN_IF_ERROR(database_.write(writes));
  change.snapshot = database_.snapshot();
  catalog_.publish(std::move(change));
  return {};
}

base::Result<void> Applier::begin(const AppliedBatch& batch, rocksdb::WriteBatch& writes) {
  // In the order of first appearance, which gives new logs their numbers.
  std::vector<std::pair<event::LogId, std::uint64_t>> counts;
  std::unordered_map<event::LogId, std::size_t, event::LogIdHash> places;
  std::size_t last = 0;  // place of the log of the record before
  for (const AppliedRecord& record : batch.records) {
    if (record.kind != AppliedRecord::Kind::Event) {
      continue;
    }
    if (counts.empty() || counts[last].first != record.log) {
      const auto [place, is_new] = places.try_emplace(record.log, counts.size());
      if (is_new) {
        counts.emplace_back(record.log, 0);
      }
      last = place->second;
    }
    ++counts[last].second;
  }
  for (const auto& [log, count] : counts) {
    ASSIGN_OR_RETURN(LogWriter * log_writer, writer(log));
    RETURN_IF_ERROR(log_writer->begin(count, writes));
  }
  return {};
}

base::Result<void> Applier::add(const AppliedBatch& batch, rocksdb::WriteBatch& writes) {
  std::span<const AppliedRecord> rest(batch.records);
  while (!rest.empty()) {
    const AppliedRecord& first = rest.front();
    std::size_t count = 1;
    if (first.kind == AppliedRecord::Kind::Event) {
      while (count < std::min(rest.size(), kRecordsTogether) && rest[count].kind == first.kind &&
             rest[count].log == first.log) {
        ++count;
      }
      RETURN_IF_ERROR(add_events(rest.first(count), writes));
    } else {
      const base::Bytes key = control_key(next_control_++);
      writes.Put(database_.handle(Family::Meta), rocksdb::Slice(key),
                 rocksdb::Slice(first.bytes.data(), first.bytes.size()));
    }
    rest = rest.subspan(count);
    base::give_way();
  }
  return {};
}

// REQUIRES: all of one log, kRecordsTogether at most.
base::Result<void> Applier::add_events(std::span<const AppliedRecord> events,
                                       rocksdb::WriteBatch& writes) {
  views_.clear();
  for (const AppliedRecord& record : events) {
    std::array<char, 36>& id_text = id_texts_[views_.size()];
    ASSIGN_OR_RETURN(views_.emplace_back(), event::decode_record(record.bytes, id_text));
  }
  ASSIGN_OR_RETURN(LogWriter * log_writer, writer(events.front().log));
  RETURN_IF_ERROR(log_writer->append(views_, events, writes));
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].leaf != nullptr) {
      log_writer->append_leaf(views_[i].seq(), *events[i].leaf);
    }
  }
  return {};
}

base::Result<LogWriter*> Applier::writer(const event::LogId& log) {
  std::unique_ptr<LogWriter>& found = writers_[log];
  if (found == nullptr) {
    const ReadView view = catalog_.view(log);
    if (view.head == nullptr) {
      found = std::make_unique<LogWriter>(database_, log, LogHead{.number = next_log_number_++},
                                          settings_, packer_);
    } else {
      ASSIGN_OR_RETURN(found, LogWriter::resume(database_, view, settings_, packer_));
    }
  }
  found->last_batch = batches_;
  return found.get();
}

void Applier::forget_idle_logs() {
  std::size_t bytes = 0;
  for (const auto& [log, writer] : writers_) {
    bytes += writer->memory_bytes();
  }
  if (writers_.size() <= kActiveLogsMax && bytes <= kActiveLogBytesMax) {
    return;
  }
  std::vector<std::uint64_t> ages;
  for (const auto& [log, writer] : writers_) {
    ages.push_back(writer->last_batch);
  }
  // Half of them go, those touched longest ago, so that this is not done for every batch.
  const auto middle = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2);
  std::nth_element(ages.begin(), middle, ages.end());
  std::erase_if(writers_, [&](const auto& entry) { return entry.second->last_batch <= *middle; });
}

}  // namespace piperoll::store::rocks
