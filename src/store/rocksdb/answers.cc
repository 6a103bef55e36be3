#include "store/rocksdb/answers.h"

#include <algorithm>

namespace piperoll::store::rocks {
namespace {

constexpr std::int64_t kHourMicros = 3600 * base::kMicrosPerSecond;
constexpr std::int64_t kDayMicros = 24 * kHourMicros;

}  // namespace

bool value_less(event::Field field, std::string_view a, std::string_view b) {
  // Integers are decimal, not negative and without leading zeros.
  if (event::type_of(field) == event::FieldType::Integer && a.size() != b.size()) {
    return a.size() < b.size();
  }
  return a < b;
}

Facets rank_facets(event::Field field, std::vector<FacetValue> counted, std::uint64_t missing,
                   std::uint64_t limit) {
  const auto before = [&](const FacetValue& a, const FacetValue& b) {
    return a.count != b.count ? a.count > b.count : value_less(field, a.value, b.value);
  };
  Facets facets;
  facets.missing = missing;
  const std::uint64_t kept = std::min<std::uint64_t>(limit, counted.size());
  const auto end = counted.begin() + static_cast<std::ptrdiff_t>(kept);
  std::partial_sort(counted.begin(), end, counted.end(), before);
  for (auto at = end; at != counted.end(); ++at) {
    facets.other += at->count;
  }
  counted.erase(end, counted.end());
  facets.values = std::move(counted);
  return facets;
}

base::Timestamp start_of(Interval interval, base::Timestamp time) {
  // Times are never before 1970 (base::kTimestampMin), so that division rounds down.
  switch (interval) {
    case Interval::Hour:
      return {time.micros - time.micros % kHourMicros};
    case Interval::Day:
      return {time.micros - time.micros % kDayMicros};
    case Interval::Month:
      break;
  }
  const base::CivilTime civil = base::to_civil(time);
  return base::from_civil({.year = civil.year, .month = civil.month});
}

}  // namespace piperoll::store::rocks
