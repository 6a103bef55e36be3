#include "store/rocksdb/rocksdb_store.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/coding.h"
#include "base/text_search.h"
#include "query/match.h"
#include "store/rocksdb/applier.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/id_index.h"
#include "store/rocksdb/index_queries.h"
#include "store/rocksdb/newest_reads.h"
#include "store/rocksdb/row_blocks.h"
#include "store/rocksdb/row_queries.h"
#include "store/rocksdb/store_format.h"
#include "store/rocksdb/tree_reader.h"
#include "store/rocksdb/value_list.h"

namespace piperoll::store::rocks {
namespace {

base::Error no_such_record(std::uint64_t seq) {
  return {.kind = base::ErrorKind::NotFound,
          .message = "there is no record " + std::to_string(seq) + " in this log"};
}

base::Result<void> check_position(const std::optional<std::uint64_t>& seq, const ReadView& view) {
  if (seq.has_value() && *seq >= view.size()) {
    return no_such_record(*seq);
  }
  return {};
}

// For people.
std::string explain_reading_all(std::uint64_t records, const query::Filter& filter) {
  return std::to_string(records) + " records, too few for an index: read all, keep " +
         query::print(query::normalize(filter)) + "\n";
}

std::uint64_t bound_of(const ReadView& view, const std::optional<std::uint64_t>& tree_size) {
  return std::min(view.size(), tree_size.value_or(view.size()));
}

base::Result<event::Record> record_at(const Database& database, const ReadView& view,
                                      std::uint64_t seq) {
  if (seq >= view.size()) {
    return no_such_record(seq);
  }
  RowReader reader(database, view);
  return reader.record(seq);
}

using MaybeRecord = std::optional<event::Record>;

// The ids of one log in one view, whoever made them.
class LogIds : public IdLookup {
 public:
  // All outlive it.
  LogIds(const Database& database, const ReadView& view, const event::LogId& log,
         const IdCipher& cipher)
      : database_(database), view_(view), log_(log), cipher_(cipher), rows_(database, view) {}

  base::Result<MaybeRecord> find(std::string_view id) {
    ASSIGN_OR_RETURN(MaybeRecord made, made_here(id));
    if (made.has_value()) {
      return made;
    }
    ASSIGN_OR_RETURN(MaybeRecord chosen, chosen_applied(id));
    if (chosen.has_value()) {
      return chosen;
    }
    return chosen_unapplied(id);
  }
  base::Result<std::optional<std::uint64_t>> seq_of(std::string_view id) override {
    ASSIGN_OR_RETURN(const MaybeRecord record, find(id));
    return record.has_value() ? std::optional(record->seq()) : std::nullopt;
  }

 private:
  // The record whose seq an id made by the server carries, if it has that id.
  base::Result<MaybeRecord> made_here(std::string_view id) {
    const std::optional<base::Uuid> uuid = base::parse_canonical_uuid(id);
    if (!uuid) {
      return MaybeRecord();
    }
    const std::optional<std::uint64_t> seq = cipher_.seq_of(log_, *uuid);
    if (!seq.has_value() || *seq >= view_.size()) {
      return MaybeRecord();
    }
    ASSIGN_OR_RETURN(event::Record record, rows_.record(*seq));
    return record.head().made_id == *uuid ? MaybeRecord(std::move(record)) : std::nullopt;
  }

  base::Result<MaybeRecord> chosen_applied(std::string_view id) {
    if (view_.head == nullptr) {
      return MaybeRecord();
    }
    ASSIGN_OR_RETURN(const std::vector<std::uint64_t> seqs,
                     seqs_of_id(database_, view_.snapshot, view_.head->number, id));
    for (const std::uint64_t seq : seqs) {
      if (seq >= view_.applied()) {
        return damaged_ids();
      }
      ASSIGN_OR_RETURN(event::Record record, rows_.record(seq));
      if (record.event().id == id) {
        return MaybeRecord(std::move(record));
      }
    }
    return MaybeRecord();
  }

  base::Result<MaybeRecord> chosen_unapplied(std::string_view id) {
    std::array<char, 36> made;
    for (std::uint64_t seq = view_.applied(); seq < view_.size(); ++seq) {
      const base::ByteView bytes = view_.unapplied->run_at(seq).record(seq);
      if (!base::contains(bytes, id)) {
        continue;
      }
      ASSIGN_OR_RETURN(const event::RecordView record, event::decode_record(bytes, made));
      if (record.event.id == id) {
        ASSIGN_OR_RETURN(event::Record found, rows_.record(seq));
        return MaybeRecord(std::move(found));
      }
    }
    return MaybeRecord();
  }

  const Database& database_;
  const ReadView& view_;
  const event::LogId& log_;
  const IdCipher& cipher_;
  RowReader rows_;
};

class RocksStore : public EventStore {
 public:
  RocksStore(std::unique_ptr<Database> database, std::unique_ptr<Catalog> catalog,
             std::unique_ptr<Applier> applier, const IdCipher& ids, const RocksOptions& options)
      : database_(std::move(database)),
        catalog_(std::move(catalog)),
        applier_(std::move(applier)),
        ids_(ids),
        read_only_(options.read_only),
        newest_reads_(options.newest_rows_read_max) {}
  ~RocksStore() override { catalog_->clear(); }

  base::Result<void> apply(const AppliedBatch& batch) override;
  Lsn applied_lsn() const override { return catalog_->applied(); }
  Lsn persisted_lsn() const override;
  base::Result<void> flush() override { return database_->flush(); }
  bool show_unapplied(const UnappliedRecords* waiting) override {
    waiting_ = waiting;
    return true;
  }
  bool wants_index() const override { return !read_only_ && newest_reads_.any_due(); }
  base::Result<void> index_newest() override;

  std::uint64_t size(const event::LogId& log) const override { return view_of(log).size(); }
  std::optional<base::Timestamp> newest_recorded_at(const event::LogId& log) const override;
  std::vector<event::LogId> logs() const override { return catalog_->logs(); }

  base::Result<Page> find(const event::LogId& log, const query::PageRequest& request) override;
  base::Result<std::uint64_t> count(const event::LogId& log, const query::Filter& filter,
                                    std::optional<std::uint64_t> tree_size) override;
  base::Result<Facets> facets(const event::LogId& log, const query::Filter& filter,
                              const event::FieldRef& field, std::uint64_t limit) override;
  base::Result<std::vector<Bucket>> histogram(const event::LogId& log, const query::Filter& filter,
                                              Interval interval) override;

  base::Result<event::Record> get(const event::LogId& log, std::uint64_t seq) override;
  base::Result<std::optional<event::Record>> get_by_id(const event::LogId& log,
                                                       std::string_view id) override;
  base::Result<std::optional<event::Record>> get_applied_by_id(const event::LogId& log,
                                                               std::string_view id) override;
  base::Result<void> scan(const event::LogId& log, std::uint64_t from, std::uint64_t to,
                          const query::Filter& filter, const Visit& visit) override;
  base::Result<void> scan_runs(const event::LogId& log, std::uint64_t from, std::uint64_t to,
                               const VisitRun& visit) override;
  TreeHead tree(const event::LogId& log) const override;
  base::Result<std::vector<tlog::Hash>> tree_tile(const event::LogId& log,
                                                  const tlog::Tile& tile) override;
  base::Result<void> grow_tree(const event::LogId& log,
                               std::span<const tlog::Hash> leaves) override;
  base::Result<void> keep_checkpoint(const event::LogId& log, std::string_view note) override;
  base::Result<std::optional<std::string>> kept_checkpoint(const event::LogId& log) override;
  base::Result<void> for_each_control(
      const std::function<base::Result<void>(base::ByteView)>& visit) override;
  std::string explain(const event::LogId& log, const query::PageRequest& request) override;
  std::string explain(const event::LogId& log, const query::CountRequest& request) override;
  StoreStats stats() const override;
  base::Result<void> compact() { return database_->compact(); }

 private:
  base::Result<void> check_writable() const;
  ReadView view_of(const event::LogId& log) const;
  // Answers with the index of the log, or with its rows alone while it has none.
  template <class InIndex, class InRows>
  auto answer(const event::LogId& log, const ReadView& view, InIndex in_index, InRows in_rows) {
    // What is not applied cannot be indexed.
    if (view.head == nullptr || view.head->indexed == 0) {
      newest_reads_.add(log, 0, view.applied());
      return in_rows();
    }
    LogIds ids(*database_, view, log, ids_);
    QueryCost cost;
    auto answered = in_index(QueryContext{*database_, view, lists_, ids, cost});
    const std::uint64_t unindexed = view.applied() - view.head->indexed;
    newest_reads_.add(log, view.head->indexed, std::min(cost.newest, unindexed));
    return answered;
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Applier> applier_;
  const IdCipher& ids_;
  bool read_only_;
  const UnappliedRecords* waiting_ = nullptr;
  SharedLists lists_;
  NewestReads newest_reads_;
};

base::Result<void> RocksStore::check_writable() const {
  if (read_only_) {
    return base::Error{.kind = base::ErrorKind::Unavailable,
                       .message = "the store was opened for reading only",
                       .code = "read_only"};
  }
  return {};
}

// What waits is asked for first: a record that is applied meanwhile is then in both, not in
// neither.
ReadView RocksStore::view_of(const event::LogId& log) const {
  Unapplied unapplied = waiting_ == nullptr ? Unapplied{} : waiting_->of(log);
  ReadView view = catalog_->view(log);
  if (unapplied.end_seq() > view.applied()) {
    view.unapplied = std::make_shared<const Unapplied>(std::move(unapplied));
  }
  return view;
}

base::Result<void> RocksStore::apply(const AppliedBatch& batch) {
  RETURN_IF_ERROR(check_writable());
  return applier_->apply(batch);
}

base::Result<void> RocksStore::index_newest() {
  RETURN_IF_ERROR(check_writable());
  return applier_->index_newest(newest_reads_.take_due());
}

Lsn RocksStore::persisted_lsn() const {
  base::Bytes value;
  const base::Result<bool> found = database_->get_persisted(Family::Meta, applied_key(), value);
  return found && *found && value.size() == sizeof(Lsn) ? base::load_be64(value.data()) : 0;
}

std::optional<base::Timestamp> RocksStore::newest_recorded_at(const event::LogId& log) const {
  const LogHeadPointer head = catalog_->head(log);
  if (head == nullptr) {
    return std::nullopt;
  }
  return head->newest_recorded_at;
}

base::Result<Page> RocksStore::find(const event::LogId& log, const query::PageRequest& request) {
  const ReadView view = view_of(log);
  RETURN_IF_ERROR(check_position(request.after_seq, view));
  RETURN_IF_ERROR(check_position(request.before_seq, view));
  const std::uint64_t bound = bound_of(view, request.tree_size);
  return answer(
      log, view,
      [&](const QueryContext& context) { return find_in_index(context, request, bound); },
      [&] { return find_in_rows(*database_, view, request, bound); });
}

base::Result<std::uint64_t> RocksStore::count(const event::LogId& log, const query::Filter& filter,
                                              std::optional<std::uint64_t> tree_size) {
  const ReadView view = view_of(log);
  const std::uint64_t bound = bound_of(view, tree_size);
  return answer(
      log, view,
      [&](const QueryContext& context) { return count_in_index(context, filter, bound); },
      [&] { return count_in_rows(*database_, view, filter, bound); });
}

base::Result<Facets> RocksStore::facets(const event::LogId& log, const query::Filter& filter,
                                        const event::FieldRef& field, std::uint64_t limit) {
  const ReadView view = view_of(log);
  return answer(
      log, view,
      [&](const QueryContext& context) { return facets_in_index(context, filter, field, limit); },
      [&] { return facets_in_rows(*database_, view, filter, field, limit); });
}

base::Result<std::vector<Bucket>> RocksStore::histogram(const event::LogId& log,
                                                        const query::Filter& filter,
                                                        Interval interval) {
  const ReadView view = view_of(log);
  return answer(
      log, view,
      [&](const QueryContext& context) { return histogram_in_index(context, filter, interval); },
      [&] { return histogram_in_rows(*database_, view, filter, interval); });
}

base::Result<event::Record> RocksStore::get(const event::LogId& log, std::uint64_t seq) {
  return record_at(*database_, view_of(log), seq);
}

base::Result<std::optional<event::Record>> RocksStore::get_by_id(const event::LogId& log,
                                                                 std::string_view id) {
  const ReadView view = view_of(log);
  return LogIds(*database_, view, log, ids_).find(id);
}

base::Result<std::optional<event::Record>> RocksStore::get_applied_by_id(const event::LogId& log,
                                                                         std::string_view id) {
  const ReadView view = catalog_->view(log);
  return LogIds(*database_, view, log, ids_).find(id);
}

base::Result<void> RocksStore::scan(const event::LogId& log, std::uint64_t from, std::uint64_t to,
                                    const query::Filter& filter, const Visit& visit) {
  const ReadView view = view_of(log);
  return scan_rows(*database_, view, from, std::min(to, view.size()), filter, visit);
}

base::Result<void> RocksStore::scan_runs(const event::LogId& log, std::uint64_t from,
                                         std::uint64_t to, const VisitRun& visit) {
  const ReadView view = view_of(log);
  return scan_row_runs(*database_, view, from, std::min(to, view.size()), visit);
}

TreeHead RocksStore::tree(const event::LogId& log) const {
  const LogHeadPointer head = catalog_->head(log);
  return head == nullptr ? TreeHead{} : TreeHead{head->tree.size(), head->tree.root()};
}

base::Result<std::vector<tlog::Hash>> RocksStore::tree_tile(const event::LogId& log,
                                                            const tlog::Tile& tile) {
  const ReadView view = catalog_->view(log);
  if (view.head == nullptr || !tlog::exists(tile, view.head->tree.size())) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "there is no such tile"};
  }
  return StoredTiles(*database_, view.snapshot, view.head->number).read_tile(tile);
}

base::Result<void> RocksStore::grow_tree(const event::LogId& log,
                                         std::span<const tlog::Hash> leaves) {
  RETURN_IF_ERROR(check_writable());
  return applier_->grow_tree(log, leaves);
}

base::Result<void> RocksStore::keep_checkpoint(const event::LogId& log, std::string_view note) {
  RETURN_IF_ERROR(check_writable());
  const base::Bytes key = checkpoint_key(log);
  rocksdb::WriteBatch writes;
  writes.Put(database_->handle(Family::Meta), rocksdb::Slice(key),
             rocksdb::Slice(note.data(), note.size()));
  return database_->write(writes);
}

base::Result<std::optional<std::string>> RocksStore::kept_checkpoint(const event::LogId& log) {
  rocksdb::PinnableSlice value;
  ASSIGN_OR_RETURN(const bool found,
                   database_->find(Family::Meta, checkpoint_key(log), nullptr, value));
  return found ? std::optional(value.ToString()) : std::nullopt;
}

base::Result<void> RocksStore::for_each_control(
    const std::function<base::Result<void>(base::ByteView)>& visit) {
  Cursor cursor(*database_, Family::Meta, catalog_->snapshot(), control_prefix(),
                end_of(control_prefix()));
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    RETURN_IF_ERROR(visit(cursor.value()));
  }
  return cursor.status();
}

std::string RocksStore::explain(const event::LogId& log, const query::PageRequest& request) {
  const ReadView view = view_of(log);
  const std::uint64_t bound = bound_of(view, request.tree_size);
  return answer(
      log, view,
      [&](const QueryContext& context) { return explain_in_index(context, request, bound); },
      [&] {
        return explain_reading_all(bound, request.filter) + "sort by " +
               query::print(request.sort) + "\n";
      });
}

std::string RocksStore::explain(const event::LogId& log, const query::CountRequest& request) {
  const ReadView view = view_of(log);
  return answer(
      log, view,
      [&](const QueryContext& context) { return explain_counts_in_index(context, request); },
      [&] { return explain_reading_all(view.size(), request.filter); });
}

StoreStats RocksStore::stats() const {
  return {.bytes_on_disk = database_->bytes_on_disk(),
          .memory_bytes = database_->memory_bytes() + lists_.memory_bytes(),
          .records = catalog_->records(),
          .applied = catalog_->applied(),
          .persisted = persisted_lsn()};
}

}  // namespace

base::Result<std::unique_ptr<EventStore>> open_rocksdb_store(const RocksOptions& options,
                                                             const IdCipher& ids) {
  ASSIGN_OR_RETURN(std::unique_ptr<Database> database, Database::open(options));
  RETURN_IF_ERROR(check_format(*database, ids, options.read_only));
  RETURN_IF_ERROR(load_row_dictionaries(*database));
  ASSIGN_OR_RETURN(std::unique_ptr<Catalog> catalog, Catalog::load(*database));
  ASSIGN_OR_RETURN(std::unique_ptr<Applier> applier, Applier::make(*database, *catalog, options));
  return std::unique_ptr<EventStore>(std::make_unique<RocksStore>(
      std::move(database), std::move(catalog), std::move(applier), ids, options));
}

base::Result<void> compact_rocksdb_store(EventStore& store) {
  return dynamic_cast<RocksStore&>(store).compact();
}

}  // namespace piperoll::store::rocks
