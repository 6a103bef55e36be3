#pragma once
// Times in queries. They may lie outside the years events may have, and between two microseconds;
// bounds made of them stay exact. Pure functions.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/timestamp.h"
#include "query/filter.h"

namespace piperoll::dialect {

// The moment micros after 1970-01-01T00:00:00Z, or, if between, less than a microsecond later.
struct Instant {
  std::int64_t micros = 0;
  bool between = false;
  bool operator==(const Instant&) const = default;
};

inline constexpr std::int64_t kMicrosPerDay = 86'400 * base::kMicrosPerSecond;

// The first microsecond not before, and the last not after the instant.
std::int64_t lower_bound(const Instant& instant);
std::int64_t upper_bound(const Instant& instant);

// occurred_at within [from, to], both inclusive and either absent.
query::Filter occurred_between(const std::optional<Instant>& from,
                               const std::optional<Instant>& to);

// A date and time of the years 0 to 9999. REQUIRES: fields in their ranges; offset east of UTC.
std::int64_t micros_of(const base::CivilTime& civil, std::int64_t offset_seconds);

// RFC 3339 as base::parse_rfc3339 takes it, and of the years 0 to 1969 too.
std::optional<Instant> parse_instant(std::string_view text);

}  // namespace piperoll::dialect
