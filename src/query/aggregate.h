#pragma once
// What counting answers: values of a field, and events over time. Plain values.

#include <cstdint>
#include <string>
#include <vector>

#include "base/timestamp.h"

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
struct Bucket {
  base::Timestamp start;
  std::uint64_t count = 0;
  bool operator==(const Bucket&) const = default;
};

}  // namespace piperoll::query
