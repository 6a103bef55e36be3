#include "ingest/recent_ids.h"

#include <algorithm>

#include "base/check.h"

namespace piperoll::ingest {

std::string RecentIds::key_of(const event::LogId& log, std::string_view id) {
  std::string key;
  key.reserve(17 + id.size());
  key.append(log.org.as_bytes());
  key.push_back(static_cast<char>(log.kind));
  key.append(id);
  return key;
}

const RecentId* RecentIds::find(const event::LogId& log, std::string_view id) const {
  auto found = ids_.find(key_of(log, id));
  return found == ids_.end() ? nullptr : &found->second;
}

void RecentIds::insert(const event::LogId& log, std::string_view id, RecentId known) {
  std::string key = key_of(log, id);
  ids_.insert_or_assign(key, std::move(known));
  order_.push_back(std::move(key));
}

void RecentIds::undo(std::size_t count) {
  for (; count > 0; --count) {
    ids_.erase(order_.back());
    order_.pop_back();
  }
}

void RecentIds::trim(store::Lsn applied) {
  while (order_.size() > ids_max_) {
    auto oldest = ids_.find(order_.front());
    CHECK(oldest != ids_.end());
    if (oldest->second.lsn > applied) {
      return;
    }
    floor_ = std::max(floor_, oldest->second.lsn);
    ids_.erase(oldest);
    order_.pop_front();
  }
}

}  // namespace piperoll::ingest
