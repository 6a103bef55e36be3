#pragma once
// Queries answered with the index of a log, and by reading the newest records, which are not in it
// yet. Every function makes its own readers, so that queries share nothing but the database and the
// lists of values.
//
// REQUIRES everywhere: some of the log is indexed; bound <= its size.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/fields.h"
#include "query/query.h"
#include "store/event_store.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/filter_plan.h"
#include "store/rocksdb/query_cost.h"

namespace piperoll::store::rocks {

class Matches;
struct QueryContext;
// Where the index ends, for a query of the records below bound.
std::uint64_t indexed_below(const QueryContext& context, std::uint64_t bound);

// What every query needs; all outlive it.
struct QueryContext {
  const Database& database;
  const ReadView& view;
  SharedLists& lists;
  IdLookup& ids;
  QueryCost& cost;  // what the query touches is added
};

// REQUIRES: after_seq and before_seq below the size of the log.
base::Result<Page> find_in_index(const QueryContext& context, const query::PageRequest& request,
                                 std::uint64_t bound);
base::Result<std::uint64_t> count_in_index(const QueryContext& context, const query::Filter& filter,
                                           std::uint64_t bound);
base::Result<Facets> facets_in_index(const QueryContext& context, const query::Filter& filter,
                                     const event::FieldRef& field, std::uint64_t limit);
base::Result<std::vector<Bucket>> histogram_in_index(const QueryContext& context,
                                                     const query::Filter& filter,
                                                     Interval interval);
// The plan, and what the page or the counts of the request touch: they are found, and not given
// out.
std::string explain_in_index(const QueryContext& context, const query::PageRequest& request,
                             std::uint64_t bound);
std::string explain_counts_in_index(const QueryContext& context,
                                    const query::CountRequest& request);
// Parts of these. The plan of the records below bound, of which the index holds so many.
std::string print_plan(Matches& matches, std::uint64_t indexed, std::uint64_t bound);
std::string print_cost(const QueryCost& cost);

}  // namespace piperoll::store::rocks
