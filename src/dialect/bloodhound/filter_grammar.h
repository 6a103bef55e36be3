#pragma once
// BloodHound's filter parameters: `column=predicate:value`. Pure functions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "wire/url.h"

namespace piperoll::dialect::bloodhound {

// "not eq:foo" -> {"eq", "foo"}.
struct PredicateText {
  std::string_view predicate, value;  // neither is empty
  bool operator==(const PredicateText&) const = default;
};

// The leftmost run of letters, digits, '_' and '~' directly before a colon, and everything after
// that colon. Nothing if there is none or nothing follows: such a parameter is no filter.
std::optional<PredicateText> find_predicate(std::string_view value);

// Is the name one of a filter parameter? All are but after, before, limit, offset, skip, sort_by,
// scope, and our org.
bool is_filter_name(std::string_view name);

// One parameter that holds a predicate, known to be one of the seven.
struct ColumnFilter {
  std::string column, predicate, value;
};

// The first pass: finds predicates. InvalidArgument for an unknown one.
base::Result<std::vector<ColumnFilter>> read_column_filters(const wire::Parameters& parameters);
// The second: what they mean. All of them must hold. InvalidArgument for columns and predicates
// that do not go together, and for a created_at that is no time.
base::Result<query::Filter> build_filter(const std::vector<ColumnFilter>& filters);

}  // namespace piperoll::dialect::bloodhound
