#pragma once
// What counting asks and answers: values of a field, and events over time. Plain values.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/timestamp.h"
#include "event/fields.h"
#include "query/filter.h"

namespace piperoll::query {

struct FacetValue {
  std::string value;
  std::uint64_t count = 0;
  bool operator==(const FacetValue&) const = default;
};
struct Facets {
  std::vector<FacetValue> values;  // most frequent first, ties by value
  std::uint64_t other = 0;         // records with a value that is not listed
  std::uint64_t missing = 0;       // records without the field
  bool operator==(const Facets&) const = default;
};

enum class Interval : std::uint8_t { Hour, Day, Month };  // UTC
constexpr std::string_view name_of(Interval interval) {
  constexpr std::string_view kNames[] = {"hour", "day", "month"};  // in the order of Interval
  return kNames[static_cast<std::size_t>(interval)];
}
static_assert(name_of(Interval::Hour) == "hour" && name_of(Interval::Day) == "day" &&
              name_of(Interval::Month) == "month");
struct Bucket {
  base::Timestamp start;
  std::uint64_t count = 0;
  bool operator==(const Bucket&) const = default;
};

// The matching records, counted as one, by the values of a field, or by time.
struct CountRequest {
  Filter filter;
  std::variant<std::monostate, event::FieldRef, Interval> by = {};
};

}  // namespace piperoll::query
