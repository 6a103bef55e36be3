#include "store/memory/evaluate.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "query/match.h"

namespace piperoll::store::memory {

namespace {

// The records of a page are [begin, end) of all those that match, in the order asked.
struct Window {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::uint64_t subtract(std::uint64_t from, std::uint64_t amount) {
  return from - std::min(from, amount);
}

// How many of the sorted records come at or before (inclusive) or strictly before the record at.
std::uint64_t count_before(const Records& sorted, const query::Sort& sort, const event::Record& at,
                           bool inclusive) {
  const event::RecordView position = event::view_of(at);
  std::uint64_t count = 0;
  for (const RecordPointer& record : sorted) {
    const std::strong_ordering order = query::compare(sort, event::view_of(*record), position);
    if (order < 0 || (inclusive && order == 0)) {
      ++count;
    }
  }
  return count;
}

Window window_of(const Records& all, const Records& sorted, const query::PageRequest& request) {
  std::uint64_t first = 0;
  std::uint64_t last = sorted.size();
  if (request.after_seq.has_value()) {
    first = count_before(sorted, request.sort, *all[*request.after_seq], true);
  }
  if (request.before_seq.has_value()) {
    last = count_before(sorted, request.sort, *all[*request.before_seq], false);
    last = std::max(first, last);
    const std::uint64_t end = std::max(first, subtract(last, request.offset));
    return {std::max(first, subtract(end, request.limit)), end};
  }
  const std::uint64_t begin = first + std::min(last - first, request.offset);
  return {begin, begin + std::min(last - begin, request.limit)};
}

base::Result<void> check_position(const std::optional<std::uint64_t>& seq, std::uint64_t size) {
  if (seq.has_value() && *seq >= size) {
    return base::Error{.kind = base::ErrorKind::NotFound,
                       .message = "there is no record " + std::to_string(*seq) + " in this log"};
  }
  return {};
}

}  // namespace

Records bounded(Records records, std::optional<std::uint64_t> tree_size) {
  if (tree_size.has_value() && *tree_size < records.size()) {
    records.resize(*tree_size);
  }
  return records;
}

Records matching(Records records, const query::Filter& filter) {
  std::erase_if(records, [&](const RecordPointer& record) {
    return !query::match(filter, event::view_of(*record));
  });
  return records;
}

base::Result<Page> page_of(const Records& records, const query::PageRequest& request) {
  RETURN_IF_ERROR(check_position(request.after_seq, records.size()));
  RETURN_IF_ERROR(check_position(request.before_seq, records.size()));
  const Records visible = bounded(records, request.tree_size);
  Records sorted = matching(visible, request.filter);
  std::sort(sorted.begin(), sorted.end(), [&](const RecordPointer& a, const RecordPointer& b) {
    return query::compare(request.sort, event::view_of(*a), event::view_of(*b)) < 0;
  });
  const Window window = window_of(records, sorted, request);
  Page page;
  for (std::uint64_t i = window.begin; i < window.end; ++i) {
    page.records.push_back(*sorted[i]);
  }
  page.more_before = window.begin > 0;
  page.more_after = window.end < sorted.size();
  page.tree_size = visible.size();
  return page;
}

Facets facets_of(const Records& records, const event::FieldRef& field, std::uint64_t limit) {
  Facets facets;
  std::map<std::string, std::uint64_t> counts;
  for (const RecordPointer& record : records) {
    event::FieldScratch scratch;
    const auto text = event::text_of(event::view_of(*record), field, scratch);
    if (text.has_value()) {
      ++counts[std::string(*text)];
    } else {
      ++facets.missing;
    }
  }
  for (const auto& [value, count] : counts) {
    facets.values.push_back({value, count});
  }
  const bool numeric = event::type_of(field.field) == event::FieldType::Integer;
  const auto value_less = [&](const std::string& a, const std::string& b) {
    return numeric && a.size() != b.size() ? a.size() < b.size() : a < b;  // decimal, not negative
  };
  std::sort(facets.values.begin(), facets.values.end(),
            [&](const FacetValue& a, const FacetValue& b) {
              return a.count != b.count ? a.count > b.count : value_less(a.value, b.value);
            });
  while (facets.values.size() > limit) {
    facets.other += facets.values.back().count;
    facets.values.pop_back();
  }
  return facets;
}

std::vector<Bucket> histogram_of(const Records& records, Interval interval) {
  std::map<base::Timestamp, std::uint64_t> counts;
  for (const RecordPointer& record : records) {
    ++counts[start_of(interval, record->occurred_at())];
  }
  std::vector<Bucket> buckets;
  buckets.reserve(counts.size());
  for (const auto& [start, count] : counts) {
    buckets.push_back({start, count});
  }
  return buckets;
}

base::Timestamp start_of(Interval interval, base::Timestamp time) {
  const base::CivilTime civil = base::to_civil(time);
  base::CivilTime start{.year = civil.year, .month = civil.month};
  if (interval != Interval::Month) {
    start.day = civil.day;
  }
  if (interval == Interval::Hour) {
    start.hour = civil.hour;
  }
  return base::from_civil(start);
}

}  // namespace piperoll::store::memory
