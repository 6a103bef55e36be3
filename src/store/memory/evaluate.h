#pragma once
// What the answers are, computed from all records of a log in the plainest way. Pure functions.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "event/record.h"
#include "query/query.h"
#include "store/event_store.h"

namespace piperoll::store::memory {

using RecordPointer = std::shared_ptr<const event::Record>;
using Records = std::vector<RecordPointer>;

// Those with seq < tree_size. REQUIRES: records in seq order from 0.
Records bounded(Records records, std::optional<std::uint64_t> tree_size);
Records matching(Records records, const query::Filter& filter);

// NotFound when after_seq or before_seq names no record of records.
base::Result<Page> page_of(const Records& records, const query::PageRequest& request);
Facets facets_of(const Records& records, const event::FieldRef& field, std::uint64_t limit);
std::vector<Bucket> histogram_of(const Records& records, Interval interval);
base::Timestamp start_of(Interval interval, base::Timestamp time);

}  // namespace piperoll::store::memory
