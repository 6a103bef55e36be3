#include "dialect/common/instant.h"

#include <chrono>
#include <limits>

#include "dialect/common/go_time.h"

namespace piperoll::dialect {
namespace {

constexpr std::size_t kMicrosDigits = 6;

// Does the fraction say something beyond the microseconds?
bool has_finer_digits(std::string_view text) {
  std::size_t point = text.find('.');
  if (point == std::string_view::npos) {
    return false;
  }
  std::string_view fraction = text.substr(point + 1);
  fraction = fraction.substr(0, fraction.find_first_not_of("0123456789"));
  return fraction.size() > kMicrosDigits &&
         fraction.find_first_not_of('0', kMicrosDigits) != std::string_view::npos;
}

}  // namespace

std::int64_t lower_bound(const Instant& instant) {
  return instant.micros + (instant.between ? 1 : 0);
}

std::int64_t upper_bound(const Instant& instant) {
  return instant.micros;
}

query::Filter occurred_between(const std::optional<Instant>& from,
                               const std::optional<Instant>& to) {
  if (!from && !to) {
    return query::all();
  }
  return query::range(event::Field::OccurredAt,
                      from ? lower_bound(*from) : std::numeric_limits<std::int64_t>::min(),
                      to ? upper_bound(*to) : std::numeric_limits<std::int64_t>::max());
}

std::int64_t micros_of(const base::CivilTime& civil, std::int64_t offset_seconds) {
  std::chrono::sys_days date{std::chrono::year{civil.year} / civil.month / civil.day};
  std::int64_t seconds = std::int64_t{date.time_since_epoch().count()} * 86'400 +
                         civil.hour * 3'600 + civil.minute * 60 + civil.second - offset_seconds;
  return seconds * base::kMicrosPerSecond + civil.micros;
}

std::optional<Instant> parse_instant(std::string_view text) {
  if (auto time = base::parse_rfc3339(text)) {
    return Instant{time->micros, has_finer_digits(text)};
  }
  auto early = parse_go_time(text);
  if (early && early->micros < base::kTimestampMin.micros) {
    return *early;
  }
  return std::nullopt;
}

}  // namespace piperoll::dialect
