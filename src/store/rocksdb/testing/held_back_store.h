#pragma once
// HeldBackStore: gives what is applied to another store later, batch by batch, and shows it what
// waits, as an indexer does. So every read goes through records that are not applied.

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "store/event_store.h"

namespace piperoll::store::rocks::testing {

// A batch with everything that it names. Immutable.
class OwnedBatch {
 public:
  explicit OwnedBatch(const AppliedBatch& batch)
      : lsn_(batch.lsn), records_(batch.records.begin(), batch.records.end()) {
    std::map<event::LogId, std::vector<base::ByteView>> by_log;
    for (AppliedRecord& record : records_) {
      record.bytes = keep(record.bytes);
      if (record.leaf != nullptr) {
        record.leaf = &leaves_.emplace_back(*record.leaf);
      }
      if (record.kind == AppliedRecord::Kind::Event) {
        by_log[record.log].push_back(record.bytes);
      }
    }
    for (auto& [log, records] : by_log) {
      runs_.try_emplace(log, std::move(records));
    }
  }
  AppliedBatch batch() const { return {lsn_, records_}; }
  const UnappliedRun* run_of(const event::LogId& log) const {
    const auto found = runs_.find(log);
    return found == runs_.end() ? nullptr : &found->second;
  }

 private:
  base::ByteView keep(base::ByteView bytes) { return texts_.emplace_back(bytes); }

  Lsn lsn_;
  std::vector<AppliedRecord> records_;
  std::deque<std::string> texts_;
  std::deque<tlog::Hash> leaves_;
  std::map<event::LogId, UnappliedRun> runs_;
};

// Threads: as EventStore, but for what is said to give up the batches: thread of apply.
class HeldBackStore : public EventStore, private UnappliedRecords {
 public:
  // So many batches wait at most.
  HeldBackStore(std::unique_ptr<EventStore> store, std::size_t waiting_max)
      : store_(std::move(store)), waiting_max_(waiting_max) {
    store_->show_unapplied(this);
  }
  ~HeldBackStore() override { store_->show_unapplied(nullptr); }
  // What it shows, with nothing waiting any more.
  EventStore& inner() {
    EXPECT_TRUE(give_up(0).has_value());
    return *store_;
  }

  base::Result<void> apply(const AppliedBatch& batch) override {
    if (!may_wait(batch)) {
      return inner().apply(batch);
    }
    auto owned = std::make_shared<const OwnedBatch>(batch);
    {
      base::MutexLock lock(mutex_);
      waiting_.push_back(std::move(owned));
    }
    return give_up(waiting_max_);
  }

  // These give up the batches first.
  Lsn applied_lsn() const override { return self().inner().applied_lsn(); }
  Lsn persisted_lsn() const override { return self().inner().persisted_lsn(); }
  base::Result<void> flush() override { return inner().flush(); }
  base::Result<void> index_newest() override { return inner().index_newest(); }
  std::optional<base::Timestamp> newest_recorded_at(const event::LogId& log) const override {
    return self().inner().newest_recorded_at(log);
  }
  std::vector<event::LogId> logs() const override { return self().inner().logs(); }
  base::Result<std::optional<event::Record>> get_applied_by_id(const event::LogId& log,
                                                               std::string_view id) override {
    return inner().get_applied_by_id(log, id);
  }
  TreeHead tree(const event::LogId& log) const override { return self().inner().tree(log); }
  base::Result<std::vector<tlog::Hash>> tree_tile(const event::LogId& log,
                                                  const tlog::Tile& tile) override {
    return inner().tree_tile(log, tile);
  }
  base::Result<void> grow_tree(const event::LogId& log,
                               std::span<const tlog::Hash> leaves) override {
    return inner().grow_tree(log, leaves);
  }
  base::Result<void> keep_checkpoint(const event::LogId& log, std::string_view note) override {
    return inner().keep_checkpoint(log, note);
  }
  base::Result<std::optional<std::string>> kept_checkpoint(const event::LogId& log) override {
    return inner().kept_checkpoint(log);
  }
  base::Result<void> for_each_control(
      const std::function<base::Result<void>(base::ByteView)>& visit) override {
    return inner().for_each_control(visit);
  }
  StoreStats stats() const override { return self().inner().stats(); }

  // These see what waits.
  bool wants_index() const override { return store_->wants_index(); }
  std::uint64_t size(const event::LogId& log) const override { return store_->size(log); }
  base::Result<Page> find(const event::LogId& log, const query::PageRequest& request) override {
    return store_->find(log, request);
  }
  base::Result<std::uint64_t> count(const event::LogId& log, const query::Filter& filter,
                                    std::optional<std::uint64_t> tree_size) override {
    return store_->count(log, filter, tree_size);
  }
  base::Result<Facets> facets(const event::LogId& log, const query::Filter& filter,
                              const event::FieldRef& field, std::uint64_t limit) override {
    return store_->facets(log, filter, field, limit);
  }
  base::Result<std::vector<Bucket>> histogram(const event::LogId& log, const query::Filter& filter,
                                              Interval interval) override {
    return store_->histogram(log, filter, interval);
  }
  base::Result<event::Record> get(const event::LogId& log, std::uint64_t seq) override {
    return store_->get(log, seq);
  }
  base::Result<std::optional<event::Record>> get_by_id(const event::LogId& log,
                                                       std::string_view id) override {
    return store_->get_by_id(log, id);
  }
  base::Result<void> scan(const event::LogId& log, std::uint64_t from, std::uint64_t to,
                          const query::Filter& filter, const Visit& visit) override {
    return store_->scan(log, from, to, filter, visit);
  }
  base::Result<void> scan_runs(const event::LogId& log, std::uint64_t from, std::uint64_t to,
                               const VisitRun& visit) override {
    return store_->scan_runs(log, from, to, visit);
  }
  std::string explain(const event::LogId& log, const query::PageRequest& request) override {
    return store_->explain(log, request);
  }
  std::string explain(const event::LogId& log, const query::CountRequest& request) override {
    return store_->explain(log, request);
  }

 private:
  // What is refused is refused at once.
  static bool may_wait(const AppliedBatch& batch) {
    std::array<char, 36> made_id;
    return std::all_of(batch.records.begin(), batch.records.end(),
                       [&](const AppliedRecord& record) {
                         return record.kind != AppliedRecord::Kind::Event ||
                                event::decode_record(record.bytes, made_id).has_value();
                       });
  }
  HeldBackStore& self() const { return const_cast<HeldBackStore&>(*this); }

  Unapplied of(const event::LogId& log) const override {
    Unapplied unapplied;
    base::MutexLock lock(mutex_);
    for (const auto& batch : waiting_) {
      if (const UnappliedRun* const run = batch->run_of(log)) {
        unapplied.runs.emplace_back(batch, run);
      }
    }
    return unapplied;
  }

  std::shared_ptr<const OwnedBatch> oldest_beyond(std::size_t waiting_max) {
    base::MutexLock lock(mutex_);
    return waiting_.size() > waiting_max ? waiting_.front() : nullptr;
  }

  base::Result<void> give_up(std::size_t waiting_max) {
    while (const auto oldest = oldest_beyond(waiting_max)) {
      RETURN_IF_ERROR(store_->apply(oldest->batch()));
      base::MutexLock lock(mutex_);
      waiting_.pop_front();
    }
    return {};
  }

  std::unique_ptr<EventStore> store_;
  const std::size_t waiting_max_;
  mutable base::Mutex mutex_;
  std::deque<std::shared_ptr<const OwnedBatch>> waiting_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::store::rocks::testing
