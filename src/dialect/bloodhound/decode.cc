#include "dialect/bloodhound/decode.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dialect/bloodhound/column.h"
#include "dialect/bloodhound/filter_grammar.h"
#include "dialect/common/go_time.h"
#include "dialect/common/instant.h"

namespace piperoll::dialect::bloodhound {
namespace {

constexpr std::int64_t kWindowDays = 365;

base::Error bad_request(std::string message) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(message)};
}

base::Error malformed(std::string_view parameter, const std::string& problem) {
  return bad_request("query parameter \"" + std::string(parameter) + "\" is malformed: " + problem);
}

base::Result<query::Sort> read_sort(const wire::Parameters& parameters) {
  query::Sort sort;
  for (const auto& [name, value] : parameters) {
    if (name != "sort_by") {
      continue;
    }
    bool descending = value.starts_with('-');
    const Column* column = find_column(std::string_view(value).substr(descending ? 1 : 0));
    if (column == nullptr) {
      return bad_request("column format does not support sorting");
    }
    // A column that came before decides already.
    bool sorted = std::any_of(sort.begin(), sort.end(), [&](const query::SortTerm& term) {
      return term.field == column->field;
    });
    if (!sorted) {
      sort.push_back({column->field, descending, query::Absent::Highest});
    }
  }
  return sort.empty() ? query::newest_first() : sort;
}

base::Result<std::int64_t> read_count(const wire::Parameters& parameters, std::string_view name,
                                      std::int64_t fallback) {
  std::string text(wire::find(parameters, name).value_or(""));
  if (text.empty()) {
    return fallback;
  }
  auto value = parse_go_integer(text);
  if (!value) {
    return malformed(name, "error converting " + std::string(name) + " value " + text +
                               " to int: " + value.error().message);
  }
  if (*value < 0) {
    return malformed(name, "invalid " + std::string(name) + ": " + std::to_string(*value));
  }
  return *value;
}

// skip, or by its old name offset.
base::Result<std::int64_t> read_skip(const wire::Parameters& parameters) {
  return read_count(parameters, wire::find(parameters, "skip") ? "skip" : "offset", 0);
}

base::Result<Instant> read_time(const wire::Parameters& parameters, std::string_view name,
                                Instant fallback) {
  std::string_view text = wire::find(parameters, name).value_or("");
  if (text.empty()) {
    return fallback;
  }
  auto time = parse_go_time(text);
  if (!time) {
    return malformed(name, time.error().message);
  }
  return *time;
}

}  // namespace

base::Result<AuditQuery> read_query(const wire::Parameters& parameters, base::Timestamp now) {
  AuditQuery query;
  ASSIGN_OR_RETURN(query.find.page.sort, read_sort(parameters));
  ASSIGN_OR_RETURN(std::vector<ColumnFilter> filters, read_column_filters(parameters));
  ASSIGN_OR_RETURN(query.skip, read_skip(parameters));
  ASSIGN_OR_RETURN(query::Filter columns, build_filter(filters));
  ASSIGN_OR_RETURN(query.limit, read_count(parameters, "limit", kLimitDefault));
  ASSIGN_OR_RETURN(Instant before, read_time(parameters, "before", {now.micros, false}));
  Instant year_before{before.micros - kWindowDays * kMicrosPerDay, before.between};
  ASSIGN_OR_RETURN(Instant after, read_time(parameters, "after", year_before));

  // The count is over the whole table: the window is no part of it.
  query.find.count = query::normalize(columns);
  query.find.page.filter =
      query::normalize(query::all_of({std::move(columns), occurred_between(after, before)}));
  query.find.page.limit = static_cast<std::uint64_t>(query.limit);
  query.find.page.offset = static_cast<std::uint64_t>(query.skip);
  query.find.stream = query.limit > kBufferedRowsMax;
  return query;
}

}  // namespace piperoll::dialect::bloodhound
