#pragma once
// How counts become answers, whatever they were counted from. Pure functions.

#include <cstdint>
#include <vector>

#include "base/timestamp.h"
#include "event/fields.h"
#include "store/event_store.h"

namespace piperoll::store::rocks {

// The order of two values of a field: numbers by value, texts by byte.
bool value_less(event::Field field, std::string_view a, std::string_view b);

// Sorts counted values, keeps the first limit of them and sums up the others.
Facets rank_facets(event::Field field, std::vector<FacetValue> counted, std::uint64_t missing,
                   std::uint64_t limit);

// The start of the hour, day or month that time lies in, UTC.
base::Timestamp start_of(Interval interval, base::Timestamp time);

}  // namespace piperoll::store::rocks
