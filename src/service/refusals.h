#pragma once
// Refused attempts are recorded, too, but only so many. Thread-safe.

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "auth/token_buckets.h"
#include "base/mutex.h"
#include "base/uuid.h"

namespace piperoll::service {

// So that nobody fills a log by being refused: so many records an organisation, the rest counted.
class RefusalQuota {
 public:
  static constexpr auth::Rate kRate{.quota = 100, .window_micros = 60'000'000};

  // Nothing: this one is only counted. Else how many were since the last record.
  std::optional<std::uint64_t> take(const base::Uuid& org, std::int64_t now);

 private:
  auth::TokenBuckets buckets_{kRate};
  base::Mutex mutex_;
  // One an organisation.
  std::unordered_map<base::Uuid, std::uint64_t, base::UuidHash> counted_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::service
