#pragma once
// The ids that callers chose and the committer ordered lately: what a request that looked into the
// store at lsn L cannot have seen there. Committer thread only.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "event/record.h"
#include "store/event_store.h"

namespace piperoll::ingest {

struct RecentId {
  std::uint64_t seq = 0;
  base::Timestamp recorded_at;
  std::string digest;
  store::Lsn lsn = 0;
};

class RecentIds {
 public:
  explicit RecentIds(std::size_t ids_max, store::Lsn floor) : ids_max_(ids_max), floor_(floor) {}

  // Null if it is not among them.
  const RecentId* find(const event::LogId& log, std::string_view id) const;
  // REQUIRES: it is not among them.
  void insert(const event::LogId& log, std::string_view id, RecentId&& known);
  // Takes back the newest `count` insertions (of a group that was not written).
  void undo(std::size_t count);
  // Every id ordered after this lsn is here; a request that looked at an older one must look again.
  store::Lsn floor() const { return floor_; }
  // Drops the oldest beyond ids_max, but none that is not applied yet.
  void trim(store::Lsn applied);
  std::size_t size() const { return order_.size(); }

 private:
  using Ids = std::unordered_map<std::string, RecentId>;

  static std::string key_of(const event::LogId& log, std::string_view id);
  void erase(const Ids::value_type& known);

  const std::size_t ids_max_;
  store::Lsn floor_;
  Ids ids_;
  std::deque<const Ids::value_type*> order_;  // of ids_, which never moves them; oldest first
};

}  // namespace piperoll::ingest
