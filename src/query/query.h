#pragma once
// Query: what a page, a count, a facet or a histogram is asked of. Immutable values.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/filter.h"

namespace piperoll::query {

enum class Absent : std::uint8_t {
  Highest,  // last when ascending, first when descending: the rule of the native API and PostgreSQL
  Lowest,   // first when ascending, last when descending: as if "" or 0
};

struct SortTerm {
  event::Field field = event::Field::OccurredAt;  // any but Context, Params, Metadata
  bool descending = true;
  Absent absent = Absent::Highest;
  bool operator==(const SortTerm&) const = default;
};

// At least one term. Ties are broken by seq in the direction of the first term.
using Sort = std::vector<SortTerm>;
Sort newest_first();                  // -occurred_at
std::string print(const Sort& sort);  // "-occurred_at,actor.name"

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// A page of the records of one log, at one snapshot: those with seq < tree_size.
struct PageRequest {
  Filter filter;
  Sort sort = newest_first();
  std::uint64_t limit = 50;  // kNoLimit: all
  std::uint64_t offset = 0;  // records skipped, counted from the start or from after/before
  // Paging by position: only records that come strictly after (before) this record of the log in
  // the order of sort. With before, the page is the last `limit` ones before it, in sort order.
  std::optional<std::uint64_t> after_seq;
  std::optional<std::uint64_t> before_seq;
  std::optional<std::uint64_t> tree_size;  // bound of the snapshot; absent: the log as it is
};

}  // namespace piperoll::query
