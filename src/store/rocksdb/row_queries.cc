#include "store/rocksdb/row_queries.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "query/match.h"
#include "store/rocksdb/answers.h"
#include "store/rocksdb/row_blocks.h"
#include "store/rocksdb/row_filter.h"
#include "store/rocksdb/text_counts.h"

namespace piperoll::store::rocks {
namespace {

using Records = std::vector<event::Record>;

struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::size_t minus(std::size_t from, std::uint64_t amount) {
  return from - static_cast<std::size_t>(std::min<std::uint64_t>(from, amount));
}

bool less(const query::Sort& sort, const event::Record& a, const event::Record& b) {
  return query::compare(sort, event::view_of(a), event::view_of(b)) < 0;
}

// How many of sorted come before the record seq; inclusive: or at it.
base::Result<std::size_t> count_before(const Database& database, const ReadView& view,
                                       const query::Sort& sort, const Records& sorted,
                                       std::uint64_t seq, bool inclusive) {
  RowReader reader(database, view);
  ASSIGN_OR_RETURN(const event::Record position, reader.record(seq));
  const auto less_than = [&](const event::Record& a, const event::Record& b) {
    return less(sort, a, b);
  };
  const auto found = inclusive
                         ? std::upper_bound(sorted.begin(), sorted.end(), position, less_than)
                         : std::lower_bound(sorted.begin(), sorted.end(), position, less_than);
  return static_cast<std::size_t>(found - sorted.begin());
}

base::Result<Window> window_of(const Database& database, const ReadView& view,
                               const query::PageRequest& request, const Records& sorted) {
  std::size_t first = 0;
  if (request.after_seq.has_value()) {
    ASSIGN_OR_RETURN(first,
                     count_before(database, view, request.sort, sorted, *request.after_seq, true));
  }
  if (request.before_seq.has_value()) {
    ASSIGN_OR_RETURN(std::size_t last, count_before(database, view, request.sort, sorted,
                                                    *request.before_seq, false));
    last = std::max(first, last);
    const std::size_t end = std::max(first, minus(last, request.offset));
    return Window{std::max(first, minus(end, request.limit)), end};
  }
  const std::size_t begin =
      first + (sorted.size() - first) - minus(sorted.size() - first, request.offset);
  return Window{begin, sorted.size() - minus(sorted.size() - begin, request.limit)};
}

}  // namespace

base::Result<void> scan_rows(const Database& database, const ReadView& view, std::uint64_t from,
                             std::uint64_t to, const query::Filter& filter,
                             const std::function<bool(const event::RecordView&)>& visit) {
  if (from >= to) {
    return {};
  }
  RowReader reader(database, view, Cursor::Cache::Leave);
  RowFilter rows(filter);
  for (std::uint64_t seq = from; seq < to; ++seq) {
    ASSIGN_OR_RETURN(const std::optional<event::RecordView> record, rows.match(reader, seq));
    if (record.has_value() && !visit(*record)) {
      break;
    }
  }
  return {};
}

base::Result<void> scan_row_runs(const Database& database, const ReadView& view, std::uint64_t from,
                                 std::uint64_t to, const EventStore::VisitRun& visit) {
  if (from >= to) {
    return {};
  }
  RowReader reader(database, view, Cursor::Cache::Leave);
  std::vector<event::RecordView> run;
  std::vector<std::array<char, 36>> ids;  // of those that the server made
  for (std::uint64_t seq = from; seq < to;) {
    ASSIGN_OR_RETURN(const RowBlock* const block, reader.block(seq));
    const std::uint64_t end = std::min(to, block->end_seq());
    ids.resize(end - seq);
    run.clear();
    base::Result<void> read;
    for (; seq < end && read; ++seq) {
      auto record = event::decode_record(block->record(seq), ids[run.size()]);
      if (record) {
        run.push_back(*record);
      } else {
        read = std::move(record).error();
      }
    }
    if (!run.empty() && !visit(run)) {
      break;
    }
    RETURN_IF_ERROR(read);
  }
  return {};
}

base::Result<Page> find_in_rows(const Database& database, const ReadView& view,
                                const query::PageRequest& request, std::uint64_t bound) {
  Records sorted;
  if (bound > 0) {
    RowReader reader(database, view);
    for (std::uint64_t seq = 0; seq < bound; ++seq) {
      ASSIGN_OR_RETURN(event::Record record, reader.record(seq));
      if (query::match(request.filter, event::view_of(record))) {
        sorted.push_back(std::move(record));
      }
    }
  }
  std::sort(sorted.begin(), sorted.end(), [&](const event::Record& a, const event::Record& b) {
    return less(request.sort, a, b);
  });
  ASSIGN_OR_RETURN(const Window window, window_of(database, view, request, sorted));
  Page page{.more_after = window.end<sorted.size(), .more_before = window.begin> 0,
            .tree_size = bound};
  for (std::size_t i = window.begin; i < window.end; ++i) {
    page.records.push_back(std::move(sorted[i]));
  }
  return page;
}

base::Result<std::uint64_t> count_in_rows(const Database& database, const ReadView& view,
                                          const query::Filter& filter, std::uint64_t bound) {
  std::uint64_t count = 0;
  RETURN_IF_ERROR(scan_rows(database, view, 0, bound, filter, [&](const event::RecordView&) {
    ++count;
    return true;
  }));
  return count;
}

base::Result<Facets> facets_in_rows(const Database& database, const ReadView& view,
                                    const query::Filter& filter, const event::FieldRef& field,
                                    std::uint64_t limit) {
  TextCounts counts;
  std::uint64_t missing = 0;
  event::FieldScratch scratch;
  const auto add = [&](const event::RecordView& record) {
    const std::optional<std::string_view> text = event::text_of(record, field, scratch);
    if (text.has_value()) {
      count_one(counts, *text);
    } else {
      ++missing;
    }
    return true;
  };
  RETURN_IF_ERROR(scan_rows(database, view, 0, view.size(), filter, add));
  std::vector<FacetValue> counted;
  counted.reserve(counts.size());
  for (auto& [value, count] : counts) {
    counted.push_back({value, count});
  }
  return rank_facets(field.field, std::move(counted), missing, limit);
}

base::Result<std::vector<Bucket>> histogram_in_rows(const Database& database, const ReadView& view,
                                                    const query::Filter& filter,
                                                    Interval interval) {
  std::map<base::Timestamp, std::uint64_t> counts;
  const auto add = [&](const event::RecordView& record) {
    ++counts[start_of(interval, record.occurred_at())];
    return true;
  };
  RETURN_IF_ERROR(scan_rows(database, view, 0, view.size(), filter, add));
  std::vector<Bucket> buckets;
  buckets.reserve(counts.size());
  for (const auto& [start, count] : counts) {
    buckets.push_back({start, count});
  }
  return buckets;
}

}  // namespace piperoll::store::rocks
