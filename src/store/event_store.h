#pragma once
// EventStore: what is derived from the journal and answers queries. Deterministic: the same records
// applied in the same order give the same answers, in every store, after any number of restarts.
//
// Threads: apply, flush and close belong to one thread (the indexer); everything else may be called
// from any number of threads at the same time as apply. A read works on one snapshot: the records
// applied when it began, and those shown unapplied then (or fewer, with tree_size).
//
// Errors: reads give Corruption (with the place; code "row_missing" where a record that must be
// there is not) for damaged data and Internal for failed I/O; asking for what is not there is
// NotFound or an empty answer as said at each function.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/record.h"
#include "query/aggregate.h"
#include "query/query.h"
#include "store/unapplied.h"
#include "tlog/hash.h"
#include "tlog/tile.h"

namespace piperoll::store {

using Lsn = std::uint64_t;  // of journal frames

// One durable change, as the journal holds it.
struct AppliedRecord {
  enum class Kind : std::uint8_t { Event, Control };
  Kind kind = Kind::Event;
  event::LogId log = {};      // Event
  base::ByteView bytes = {};  // Event: one record (event/record.h). Control: opaque, kept in order
  const tlog::Hash* leaf = nullptr;  // Event: hash of its leaf; null where no tree is kept
};

// Whole frames: never part of one.
struct AppliedBatch {
  Lsn lsn = 0;  // of the last frame in the batch; greater than every one before
  std::span<const AppliedRecord> records;  // in journal order
};

struct Page {
  std::vector<event::Record> records;
  bool more_after = false;   // records follow this page in the order asked
  bool more_before = false;  // records come before it
  std::uint64_t tree_size = 0;
};

// A state of a log's tree. Leaf i is that of the record with seq i.
struct TreeHead {
  std::uint64_t size = 0;
  tlog::Hash root = tlog::empty_root();
  bool operator==(const TreeHead&) const = default;
};

using query::Bucket;
using query::Facets;
using query::FacetValue;
using query::Interval;

struct StoreStats {
  std::uint64_t bytes_on_disk = 0, memory_bytes = 0, records = 0;
  Lsn applied = 0, persisted = 0;
};

class EventStore {
 public:
  virtual ~EventStore() = default;

  // Applies whole frames, all or nothing, and makes them visible at once. seqs of each log must
  // continue densely (CHECKed: the committer gave them). An error means nothing of the batch was
  // applied and the store must be opened again before more is.
  virtual base::Result<void> apply(const AppliedBatch& batch) = 0;
  virtual Lsn applied_lsn() const = 0;
  // The newest lsn that would survive losing power now; the journal may forget up to it.
  virtual Lsn persisted_lsn() const = 0;
  // Makes everything applied persistent.
  virtual base::Result<void> flush() = 0;

  // From now on everything that reads records sees those of `waiting` behind the applied ones, as
  // if they were applied too; tree(), get_applied_by_id(), newest_recorded_at() and logs() do not.
  // null: no more. False where a store cannot do that. waiting outlives its use; no read may run
  // meanwhile.
  virtual bool show_unapplied(const UnappliedRecords* /*waiting*/) { return false; }

  // Readers have spent so much on records that no index holds yet that index_newest() would have
  // been cheaper. Any thread.
  virtual bool wants_index() const { return false; }
  // Puts the records into the index for which it is wanted. Nothing is answered differently
  // afterwards. Thread of apply; errors as there.
  virtual base::Result<void> index_newest() { return {}; }

  // Records of the log: seqs [0, size). 0 for a log that has none.
  virtual std::uint64_t size(const event::LogId& log) const = 0;
  // recorded_at of the newest record of the log.
  virtual std::optional<base::Timestamp> newest_recorded_at(const event::LogId& log) const = 0;
  virtual std::vector<event::LogId> logs() const = 0;

  // NotFound when after_seq or before_seq names no record of the log. A tree_size beyond the log's
  // size counts as the size. The page is a run of all matching records below tree_size in the order
  // asked (possibly an empty run, at limit 0 or past the end); more_before and more_after say
  // whether any of them come before and after that run.
  virtual base::Result<Page> find(const event::LogId& log, const query::PageRequest& request) = 0;
  virtual base::Result<std::uint64_t> count(const event::LogId& log, const query::Filter& filter,
                                            std::optional<std::uint64_t> tree_size) = 0;
  // limit: how many values are listed. field: any Text or Integer field, or a dynamic path. Ties go
  // by code point, those of Integer fields by number.
  virtual base::Result<Facets> facets(const event::LogId& log, const query::Filter& filter,
                                      const event::FieldRef& field, std::uint64_t limit) = 0;
  // Non-empty buckets of occurred_at, oldest first.
  virtual base::Result<std::vector<Bucket>> histogram(const event::LogId& log,
                                                      const query::Filter& filter,
                                                      Interval interval) = 0;

  // NotFound if seq >= size.
  virtual base::Result<event::Record> get(const event::LogId& log, std::uint64_t seq) = 0;
  // The record with that id, whoever made the id; nothing if there is none.
  virtual base::Result<std::optional<event::Record>> get_by_id(const event::LogId& log,
                                                               std::string_view id) = 0;
  // The same among the applied records alone.
  virtual base::Result<std::optional<event::Record>> get_applied_by_id(const event::LogId& log,
                                                                       std::string_view id) = 0;

  // Calls visit for the matching records of [from, to) in seq order until it returns false. For
  // exports and scans: one snapshot, flat memory, never holds up apply.
  using Visit = std::function<bool(const event::RecordView&)>;
  virtual base::Result<void> scan(const event::LogId& log, std::uint64_t from, std::uint64_t to,
                                  const query::Filter& filter, const Visit& visit) = 0;
  // All records of [from, to) in seq order, in runs as they lie together: for work that goes faster
  // over many. A run is valid until visit returns. Records before one that cannot be read are
  // visited.
  using VisitRun = std::function<bool(std::span<const event::RecordView>)>;
  virtual base::Result<void> scan_runs(const event::LogId& log, std::uint64_t from,
                                       std::uint64_t to, const VisitRun& visit) = 0;

  // The tree as of what is applied. It has a leaf for each record that was applied with one, as
  // long as those before it had: where one was applied without, it stays behind size(log).
  virtual TreeHead tree(const event::LogId& log) const = 0;
  // The hashes of a tile, tile.width of them. NotFound unless tlog::exists in the tree.
  virtual base::Result<std::vector<tlog::Hash>> tree_tile(const event::LogId& log,
                                                          const tlog::Tile& tile) = 0;
  // The hashes of the leaves from tree(log).size on: for records that were applied without. Thread
  // of apply. REQUIRES: no more than size(log) afterwards
  virtual base::Result<void> grow_tree(const event::LogId& log,
                                       std::span<const tlog::Hash> leaves) = 0;

  // The last signed checkpoint of the log, kept beside its tree: what is kept is never persistent
  // before the tree it speaks of. Any thread.
  virtual base::Result<void> keep_checkpoint(const event::LogId& log, std::string_view note) = 0;
  virtual base::Result<std::optional<std::string>> kept_checkpoint(const event::LogId& log) = 0;

  // Every control record ever applied, in order.
  virtual base::Result<void> for_each_control(
      const std::function<base::Result<void>(base::ByteView)>& visit) = 0;

  // How the filter would be answered: one line a step; text for people.
  virtual std::string explain(const event::LogId& log, const query::PageRequest& request) = 0;
  virtual std::string explain(const event::LogId& log, const query::CountRequest& request) = 0;

  virtual StoreStats stats() const = 0;
};

// Makes and recognises the ids that the server gives to events: UUIDv7 (RFC 9562) whose random part
// carries the seq, enciphered under a key of the data directory.
class IdCipher {
 public:
  static constexpr std::uint64_t kSeqMax = (std::uint64_t{1} << 48) - 1;
  virtual ~IdCipher() = default;
  // REQUIRES, here and below: seq <= kSeqMax; times within [kTimestampMin, kTimestampMax].
  virtual base::Uuid make(const event::LogId& log, std::uint64_t seq,
                          base::Timestamp time) const = 0;
  // The ids of several records of one log, each the same as make() gives for its place.
  // REQUIRES: places.size() == ids.size()
  virtual void make_many(const event::LogId& log, std::span<const event::RecordPlace> places,
                         std::span<base::Uuid> ids) const {
    for (std::size_t i = 0; i < places.size(); ++i) {
      ids[i] = make(log, places[i].seq, places[i].recorded_at);
    }
  }
  // The seq that an id made here for this log would carry; nothing if it cannot be one. The caller
  // compares with the record at that seq.
  virtual std::optional<std::uint64_t> seq_of(const event::LogId& log,
                                              const base::Uuid& id) const = 0;
};

}  // namespace piperoll::store
