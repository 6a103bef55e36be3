#pragma once
// How often something may be done: a token bucket for each key, kept as the one moment at which it
// would be full again. Thread-safe, bounded memory.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"

namespace piperoll::auth {

// So many in such a time, in any pattern: a bucket of `quota`, refilled evenly.
struct Rate {
  std::uint64_t quota = 0;  // 0: no limit
  std::int64_t window_micros = 0;
  bool is_set() const { return quota > 0; }
  bool operator==(const Rate&) const = default;
};

class TokenBuckets {
 public:
  // Some 150 bytes each. Above it the buckets that were not touched for longest are forgotten, and
  // so full again.
  static constexpr std::size_t kKeysMax = 131'072;

  explicit TokenBuckets(Rate rate, std::size_t keys_max = kKeysMax);

  struct Verdict {
    bool allowed = true;
    std::uint64_t remaining = 0;
    std::int64_t full_after_micros = 0;   // until the bucket is full again
    std::int64_t retry_after_micros = 0;  // where it is not allowed: until it is
  };
  // One from the key's bucket, if there is one. now: monotonic microseconds.
  Verdict take(std::string_view key, std::int64_t now);
  const Rate& rate() const { return rate_; }
  std::size_t size() const;

 private:
  // When a bucket is full again; none: it is. Two generations: when the younger has its share, the
  // older is forgotten.
  using Generation = std::unordered_map<std::string, std::int64_t>;
  struct Shard {
    mutable base::Mutex mutex;
    Generation younger GUARDED_BY(mutex), older GUARDED_BY(mutex);
  };
  static constexpr std::size_t kShards = 16;

  const Rate rate_;
  const std::int64_t interval_;  // between two tokens
  const std::size_t generation_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace piperoll::auth
