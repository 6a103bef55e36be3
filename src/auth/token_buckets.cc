#include "auth/token_buckets.h"

#include <algorithm>
#include <functional>

namespace piperoll::auth {

TokenBuckets::TokenBuckets(Rate rate, std::size_t keys_max)
    : rate_(rate),
      interval_(rate.is_set() ? std::max<std::int64_t>(
                                    1, rate.window_micros / static_cast<std::int64_t>(rate.quota))
                              : 0),
      generation_max_(std::max<std::size_t>(1, keys_max / kShards / 2)) {}

TokenBuckets::Verdict TokenBuckets::take(std::string_view key, std::int64_t now) {
  if (!rate_.is_set()) {
    return {};
  }
  std::string name(key);
  Shard& shard = shards_[std::hash<std::string>()(name) % kShards];
  base::MutexLock lock(shard.mutex);
  std::int64_t full_at = now;
  for (const Generation* generation : {&shard.younger, &shard.older}) {
    if (auto found = generation->find(name); found != generation->end()) {
      full_at = std::max(now, found->second);
      break;
    }
  }
  const std::int64_t capacity = interval_ * static_cast<std::int64_t>(rate_.quota);
  Verdict verdict;
  verdict.allowed = full_at + interval_ - now <= capacity;
  if (verdict.allowed) {
    full_at += interval_;
    if (!shard.younger.contains(name) && shard.younger.size() >= generation_max_) {
      shard.older = std::move(shard.younger);
      shard.younger.clear();
    }
    shard.younger[std::move(name)] = full_at;
  } else {
    verdict.retry_after_micros = full_at + interval_ - now - capacity;
  }
  verdict.full_after_micros = full_at - now;
  verdict.remaining = static_cast<std::uint64_t>((capacity - (full_at - now)) / interval_);
  return verdict;
}

std::size_t TokenBuckets::size() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    base::MutexLock lock(shard.mutex);
    count += shard.younger.size() + shard.older.size();
  }
  return count;
}

}  // namespace piperoll::auth
