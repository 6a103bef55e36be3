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

void RecentIds::insert(const event::LogId& log, std::string_view id, RecentId&& known) {
  const auto [entry, is_new] = ids_.try_emplace(key_of(log, id), std::move(known));
  CHECK(is_new);
  order_.push_back(&*entry);
}

void RecentIds::erase(const Ids::value_type& known) {
  const auto found = ids_.find(known.first);
  CHECK(found != ids_.end());
  ids_.erase(found);
}

void RecentIds::undo(std::size_t count) {
  for (; count > 0; --count) {
    erase(*order_.back());
    order_.pop_back();
  }
}

void RecentIds::trim(store::Lsn applied) {
  while (order_.size() > ids_max_) {
    const Ids::value_type& oldest = *order_.front();
    if (oldest.second.lsn > applied) {
      return;
    }
    floor_ = std::max(floor_, oldest.second.lsn);
    erase(oldest);
    order_.pop_front();
  }
}

}  // namespace piperoll::ingest
