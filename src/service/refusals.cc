#include "service/refusals.h"

#include <utility>

namespace piperoll::service {

std::optional<std::uint64_t> RefusalQuota::take(const base::Uuid& org, std::int64_t now) {
  const bool allowed = buckets_.take(org.to_string(), now).allowed;
  base::MutexLock lock(mutex_);
  std::uint64_t& counted = counted_[org];
  if (!allowed) {
    ++counted;
    return std::nullopt;
  }
  return std::exchange(counted, 0);
}

}  // namespace piperoll::service
