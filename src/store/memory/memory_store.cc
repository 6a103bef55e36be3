#include "store/memory/memory_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"
#include "query/match.h"
#include "store/memory/evaluate.h"
#include "tlog/frontier.h"

namespace piperoll::store::memory {

namespace {

struct Log {
  Records records;  // index = seq
  std::map<std::string, std::uint64_t, std::less<>> ids;
  std::vector<tlog::Hash> leaves;
  tlog::Frontier frontier;  // of leaves
  std::optional<std::string> checkpoint;

  void add_leaf(const tlog::Hash& leaf) {
    leaves.push_back(leaf);
    frontier.append(leaf);
  }
};

base::Error no_such_record(std::uint64_t seq) {
  return {.kind = base::ErrorKind::NotFound,
          .message = "there is no record " + std::to_string(seq) + " in this log"};
}

// Every read takes the records it needs under the lock, by shared pointers, and works without it:
// so visitors may call the store, and a long scan does not hold up apply.
class MemoryStore : public EventStore {
 public:
  base::Result<void> apply(const AppliedBatch& batch) override;

  Lsn applied_lsn() const override {
    base::MutexLock lock(mutex_);
    return applied_;
  }
  Lsn persisted_lsn() const override { return 0; }  // nothing here outlives the process
  base::Result<void> flush() override { return {}; }

  std::uint64_t size(const event::LogId& log) const override { return snapshot(log).size(); }
  std::optional<base::Timestamp> newest_recorded_at(const event::LogId& log) const override;
  std::vector<event::LogId> logs() const override;

  base::Result<Page> find(const event::LogId& log, const query::PageRequest& request) override;
  base::Result<std::uint64_t> count(const event::LogId& log, const query::Filter& filter,
                                    std::optional<std::uint64_t> tree_size) override {
    return matching(bounded(snapshot(log), tree_size), filter).size();
  }
  base::Result<Facets> facets(const event::LogId& log, const query::Filter& filter,
                              const event::FieldRef& field, std::uint64_t limit) override {
    return facets_of(matching(snapshot(log), filter), field, limit);
  }
  base::Result<std::vector<Bucket>> histogram(const event::LogId& log, const query::Filter& filter,
                                              Interval interval) override {
    return histogram_of(matching(snapshot(log), filter), interval);
  }

  base::Result<event::Record> get(const event::LogId& log, std::uint64_t seq) override;
  base::Result<std::optional<event::Record>> get_by_id(const event::LogId& log,
                                                       std::string_view id) override;
  base::Result<std::optional<event::Record>> get_applied_by_id(const event::LogId& log,
                                                               std::string_view id) override {
    return get_by_id(log, id);
  }
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

 private:
  Records snapshot(const event::LogId& log) const;
  void add(Log& log, RecordPointer record) REQUIRES_LOCK(mutex_);

  mutable base::Mutex mutex_;
  std::map<event::LogId, Log> logs_ GUARDED_BY(mutex_);
  std::vector<base::Bytes> controls_ GUARDED_BY(mutex_);
  std::uint64_t bytes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t records_ GUARDED_BY(mutex_) = 0;
  Lsn applied_ GUARDED_BY(mutex_) = 0;
};

void MemoryStore::add(Log& log, RecordPointer record) {
  CHECK(record->seq() == log.records.size());
  log.ids.emplace(record->event().id, record->seq());
  bytes_ += record->bytes().size();
  ++records_;
  log.records.push_back(std::move(record));
}

base::Result<void> MemoryStore::apply(const AppliedBatch& batch) {
  std::vector<RecordPointer> decoded;  // all of them before any is kept
  for (const AppliedRecord& applied : batch.records) {
    RecordPointer record;
    if (applied.kind == AppliedRecord::Kind::Event) {
      ASSIGN_OR_RETURN(event::Record value, event::Record::decode(applied.bytes));
      record = std::make_shared<const event::Record>(std::move(value));
    }
    decoded.push_back(std::move(record));
  }
  base::MutexLock lock(mutex_);
  CHECK(batch.lsn > applied_);
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    const AppliedRecord& applied = batch.records[i];
    if (decoded[i] == nullptr) {
      controls_.emplace_back(applied.bytes);
      bytes_ += applied.bytes.size();
    } else {
      Log& log = logs_[applied.log];
      if (applied.leaf != nullptr && log.leaves.size() == log.records.size()) {
        log.add_leaf(*applied.leaf);
      }
      add(log, std::move(decoded[i]));
    }
  }
  applied_ = batch.lsn;
  return {};
}

Records MemoryStore::snapshot(const event::LogId& log) const {
  base::MutexLock lock(mutex_);
  const auto found = logs_.find(log);
  return found == logs_.end() ? Records{} : found->second.records;
}

std::optional<base::Timestamp> MemoryStore::newest_recorded_at(const event::LogId& log) const {
  const Records records = snapshot(log);
  if (records.empty()) {
    return std::nullopt;
  }
  return records.back()->recorded_at();
}

std::vector<event::LogId> MemoryStore::logs() const {
  base::MutexLock lock(mutex_);
  std::vector<event::LogId> known;
  for (const auto& [log, content] : logs_) {
    known.push_back(log);
  }
  return known;
}

base::Result<Page> MemoryStore::find(const event::LogId& log, const query::PageRequest& request) {
  return page_of(snapshot(log), request);
}

base::Result<event::Record> MemoryStore::get(const event::LogId& log, std::uint64_t seq) {
  base::MutexLock lock(mutex_);
  const auto found = logs_.find(log);
  if (found == logs_.end() || seq >= found->second.records.size()) {
    return no_such_record(seq);
  }
  return *found->second.records[seq];
}

base::Result<std::optional<event::Record>> MemoryStore::get_by_id(const event::LogId& log,
                                                                  std::string_view id) {
  base::MutexLock lock(mutex_);
  const auto found = logs_.find(log);
  if (found == logs_.end()) {
    return std::optional<event::Record>();
  }
  const auto known = found->second.ids.find(id);
  if (known == found->second.ids.end()) {
    return std::optional<event::Record>();
  }
  return std::optional(*found->second.records[known->second]);
}

base::Result<void> MemoryStore::scan(const event::LogId& log, std::uint64_t from, std::uint64_t to,
                                     const query::Filter& filter, const Visit& visit) {
  const Records records = bounded(snapshot(log), to);
  for (std::uint64_t seq = from; seq < records.size(); ++seq) {
    const event::RecordView view = event::view_of(*records[seq]);
    if (query::match(filter, view) && !visit(view)) {
      break;
    }
  }
  return {};
}

base::Result<void> MemoryStore::scan_runs(const event::LogId& log, std::uint64_t from,
                                          std::uint64_t to, const VisitRun& visit) {
  const Records records = bounded(snapshot(log), to);
  std::vector<event::RecordView> run;
  for (std::uint64_t seq = from; seq < records.size(); ++seq) {
    run.push_back(event::view_of(*records[seq]));
  }
  if (!run.empty()) {
    visit(run);
  }
  return {};
}

TreeHead MemoryStore::tree(const event::LogId& log) const {
  base::MutexLock lock(mutex_);
  const auto found = logs_.find(log);
  if (found == logs_.end()) {
    return {};
  }
  return {found->second.leaves.size(), found->second.frontier.root()};
}

base::Result<std::vector<tlog::Hash>> MemoryStore::tree_tile(const event::LogId& log,
                                                             const tlog::Tile& tile) {
  base::MutexLock lock(mutex_);
  const auto found = logs_.find(log);
  const std::vector<tlog::Hash> none;
  const std::vector<tlog::Hash>& leaves = found == logs_.end() ? none : found->second.leaves;
  if (!tlog::exists(tile, leaves.size())) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "there is no such tile"};
  }
  const std::uint64_t spanned = std::uint64_t{1} << (tlog::kTileHeight * tile.level);
  std::vector<tlog::Hash> hashes;
  for (unsigned i = 0; i < tile.width; ++i) {
    const std::uint64_t begin = (tile.index * tlog::kTileWidth + i) * spanned;
    hashes.push_back(tlog::subtree_hash({leaves.data() + begin, spanned}));
  }
  return hashes;
}

base::Result<void> MemoryStore::grow_tree(const event::LogId& log,
                                          std::span<const tlog::Hash> leaves) {
  base::MutexLock lock(mutex_);
  Log& grown = logs_[log];
  CHECK(grown.leaves.size() + leaves.size() <= grown.records.size());
  for (const tlog::Hash& leaf : leaves) {
    grown.add_leaf(leaf);
  }
  return {};
}

base::Result<void> MemoryStore::keep_checkpoint(const event::LogId& log, std::string_view note) {
  base::MutexLock lock(mutex_);
  logs_[log].checkpoint = note;
  return {};
}

base::Result<std::optional<std::string>> MemoryStore::kept_checkpoint(const event::LogId& log) {
  base::MutexLock lock(mutex_);
  const auto found = logs_.find(log);
  return found == logs_.end() ? std::optional<std::string>() : found->second.checkpoint;
}

base::Result<void> MemoryStore::for_each_control(
    const std::function<base::Result<void>(base::ByteView)>& visit) {
  std::vector<base::Bytes> controls;
  {
    base::MutexLock lock(mutex_);
    controls = controls_;
  }
  for (const base::Bytes& control : controls) {
    RETURN_IF_ERROR(visit(control));
  }
  return {};
}

std::string MemoryStore::explain(const event::LogId& log, const query::PageRequest& request) {
  return explain(log, query::CountRequest{.filter = request.filter}) + "sort by " +
         query::print(request.sort) + "\n";
}

std::string MemoryStore::explain(const event::LogId& log, const query::CountRequest& request) {
  return "read all " + std::to_string(size(log)) + " records, keep " +
         query::print(query::normalize(request.filter)) + "\n";
}

StoreStats MemoryStore::stats() const {
  base::MutexLock lock(mutex_);
  return {.bytes_on_disk = 0,
          .memory_bytes = bytes_,
          .records = records_,
          .applied = applied_,
          .persisted = 0};
}

}  // namespace

// Ids are looked up in a map whoever made them, so the cipher has nothing to do here.
std::unique_ptr<EventStore> make_memory_store(const IdCipher& /*ids*/) {
  return std::make_unique<MemoryStore>();
}

}  // namespace piperoll::store::memory
