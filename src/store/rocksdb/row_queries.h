#pragma once
// Queries answered by reading every record of a log: what small logs get, which have no index.
// Memory follows the records that match. Pure functions of what they read.

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "event/fields.h"
#include "query/query.h"
#include "store/event_store.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"

namespace piperoll::store::rocks {

// Calls visit for the matching records with seq in [from, to) until it returns false.
// REQUIRES: to <= view.size().
base::Result<void> scan_rows(const Database& database, const ReadView& view, std::uint64_t from,
                             std::uint64_t to, const query::Filter& filter,
                             const std::function<bool(const event::RecordView&)>& visit);

// EventStore::scan_runs: a run is what a block holds of the range. REQUIRES: to <= view.size().
base::Result<void> scan_row_runs(const Database& database, const ReadView& view, std::uint64_t from,
                                 std::uint64_t to, const EventStore::VisitRun& visit);

// The window of a page over the sorted matches. REQUIRES: bound <= view.size(); after_seq and
// before_seq below view.size().
base::Result<Page> find_in_rows(const Database& database, const ReadView& view,
                                const query::PageRequest& request, std::uint64_t bound);
base::Result<std::uint64_t> count_in_rows(const Database& database, const ReadView& view,
                                          const query::Filter& filter, std::uint64_t bound);
base::Result<Facets> facets_in_rows(const Database& database, const ReadView& view,
                                    const query::Filter& filter, const event::FieldRef& field,
                                    std::uint64_t limit);
base::Result<std::vector<Bucket>> histogram_in_rows(const Database& database, const ReadView& view,
                                                    const query::Filter& filter, Interval interval);

}  // namespace piperoll::store::rocks
