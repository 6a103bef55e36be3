#pragma once
// What a store must answer: computed from the frames applied, by query::match and query::compare
// over all records. Shares nothing with any store. Reading is thread-safe while nothing is added.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/record.h"
#include "query/query.h"
#include "store/event_store.h"
#include "store/testing/contract_world.h"

namespace piperoll::store::testing {

struct ExpectedPage {
  std::vector<std::uint64_t> seqs;
  bool more_before = false;
  bool more_after = false;
  std::uint64_t tree_size = 0;
};

class ReferenceLog {
 public:
  void add(const FrameRecord& record);

  std::uint64_t size() const { return views_.size(); }
  const std::vector<event::RecordView>& views() const { return views_; }
  base::ByteView bytes(std::uint64_t seq) const { return records_.at(seq)->bytes(); }
  const std::vector<tlog::Hash>& leaves() const { return leaves_; }
  // Of the records that were applied without.
  void add_leaf(const tlog::Hash& leaf) { leaves_.push_back(leaf); }
  std::optional<std::uint64_t> seq_of(const std::string& id) const;

  ExpectedPage find(const query::PageRequest& request) const;
  // The seqs below bound that match, in seq order.
  std::vector<std::uint64_t> matching(const query::Filter& filter, std::uint64_t bound) const;
  Facets facets(const query::Filter& filter, const event::FieldRef& field,
                std::uint64_t limit) const;
  std::vector<Bucket> histogram(const query::Filter& filter, Interval interval) const;

 private:
  std::vector<std::unique_ptr<event::Record>> records_;
  std::vector<event::RecordView> views_;  // of records_
  std::vector<tlog::Hash> leaves_;
  std::map<std::string, std::uint64_t> seq_of_id_;
};

class Reference {
 public:
  void add(const Frame& frame);
  Lsn applied() const { return applied_; }
  const std::vector<base::Bytes>& controls() const { return controls_; }
  const std::map<event::LogId, ReferenceLog>& logs() const { return logs_; }
  ReferenceLog& log_to_change(const event::LogId& log) { return logs_[log]; }
  const ReferenceLog& log(const event::LogId& log) const;  // an empty one if it has no records

 private:
  std::map<event::LogId, ReferenceLog> logs_;
  std::vector<base::Bytes> controls_;
  ReferenceLog empty_;
  Lsn applied_ = 0;
};

}  // namespace piperoll::store::testing
