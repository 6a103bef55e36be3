#include "dialect/bloodhound/filter_grammar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "dialect/bloodhound/column.h"
#include "dialect/common/go_time.h"
#include "dialect/common/instant.h"

namespace piperoll::dialect::bloodhound {
namespace {

using query::Filter;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kIdOffset = 1;  // id = seq + 1

base::Error bad_request(std::string message) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(message)};
}

base::Error bad_filters() {
  return bad_request("there are errors in the query parameter filters specified");
}

bool is_predicate_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '~';
}

Filter none() {
  return query::any_of({});
}

// A number among integers: itself, or the place between floor and floor + 1.
struct Bound {
  std::int64_t floor = 0;
  bool between = false;
};

// The integers that stand in the relation to the bound, as [min, max]; empty when min > max.
struct Span {
  std::int64_t min = kMin, max = kMax;
};
Span span_of(Predicate predicate, const Bound& bound) {
  constexpr Span kEmpty{1, 0};
  std::int64_t floor = bound.floor;
  switch (predicate) {
    case Predicate::Greater:
      return floor == kMax ? kEmpty : Span{floor + 1, kMax};
    case Predicate::AtLeast:
      if (!bound.between) {
        return {floor, kMax};
      }
      return floor == kMax ? kEmpty : Span{floor + 1, kMax};
    case Predicate::Less:
      if (bound.between) {
        return {kMin, floor};
      }
      return floor == kMin ? kEmpty : Span{kMin, floor - 1};
    case Predicate::AtMost:
      return {kMin, floor};
    default:
      return bound.between ? kEmpty : Span{floor, floor};
  }
}

// Integers and, as SQL compares them too, fractions. What does not fit lies at the ends of the
// range. Nothing for what is no number.
std::optional<Bound> parse_number(std::string_view text) {
  if (auto integer = parse_go_integer(text)) {
    return Bound{*integer, false};
  }
  std::string_view digits = text.substr(text.starts_with('+') ? 1 : 0);
  double value = 0;
  auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool whole = code == std::errc{} && end == digits.data() + digits.size();
  if (!whole || !std::isfinite(value)) {
    return std::nullopt;
  }
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  if (value >= kEnd) {
    return Bound{kMax, true};
  }
  if (value < -kEnd) {
    return Bound{kMin, true};
  }
  return Bound{static_cast<std::int64_t>(std::floor(value)), std::floor(value) != value};
}

Filter in_span(event::Field field, Predicate predicate, const Bound& bound, std::int64_t offset) {
  Span span = span_of(predicate, bound);
  if (span.min > span.max) {
    return predicate == Predicate::NotEqual ? query::all() : none();
  }
  // Open ends stay open; others move, and cannot leave the range by moving down by one.
  std::int64_t min = span.min == kMin ? kMin : span.min - offset;
  std::int64_t max = span.max == kMax || span.max == kMin ? span.max : span.max - offset;
  Filter inside = query::range(field, min, max);
  return predicate == Predicate::NotEqual ? query::negate(std::move(inside)) : inside;
}

Filter id_filter(Predicate predicate, std::string_view value) {
  if (predicate == Predicate::Approximate) {
    return query::seq_contains(value, kIdOffset);
  }
  std::optional<Bound> number = parse_number(value);
  if (!number) {
    return predicate == Predicate::NotEqual ? query::all() : none();
  }
  return in_span(event::Field::Seq, predicate, *number, kIdOffset);
}

base::Result<Filter> time_filter(Predicate predicate, std::string_view value) {
  auto time = parse_go_time(value);
  if (!time) {
    return bad_filters();
  }
  return in_span(event::Field::OccurredAt, predicate, {time->micros, time->between}, 0);
}

Filter text_filter(event::Field field, Predicate predicate, std::string_view value) {
  event::FieldRef ref{field, {}};
  if (predicate == Predicate::Approximate) {
    return query::contains(std::move(ref), value);
  }
  Filter equal = query::equal(ref, std::string(value));
  if (predicate == Predicate::Equal) {
    return equal;
  }
  // As in SQL, a row without a value is not unequal to anything.
  return query::all_of({query::exists(std::move(ref)), query::negate(std::move(equal))});
}

base::Result<Filter> filter_of(const ColumnFilter& filter) {
  const Column* column = find_column(filter.column);
  if (column == nullptr) {
    return bad_request("the specified column cannot be filtered: " + filter.column);
  }
  std::optional<Predicate> predicate = parse_predicate(filter.predicate);
  if (!predicate || !column->supports(*predicate)) {
    return bad_request("the specified filter predicate is not supported for this column: " +
                       filter.column + " " + filter.predicate);
  }
  bool may_be_null = *predicate == Predicate::Equal || *predicate == Predicate::NotEqual;
  if (may_be_null && filter.value == "null") {
    Filter present = query::exists({column->field, {}});
    return *predicate == Predicate::Equal ? query::negate(std::move(present)) : present;
  }
  switch (column->type) {
    case Column::Type::Id:
      return id_filter(*predicate, filter.value);
    case Column::Type::Time:
      return time_filter(*predicate, filter.value);
    default:
      return text_filter(column->field, *predicate, filter.value);
  }
}

}  // namespace

std::optional<PredicateText> find_predicate(std::string_view value) {
  for (std::size_t colon = value.find(':'); colon != std::string_view::npos;
       colon = value.find(':', colon + 1)) {
    std::size_t start = colon;
    while (start > 0 && is_predicate_character(value[start - 1])) {
      --start;
    }
    if (start < colon && colon + 1 < value.size()) {
      return PredicateText{value.substr(start, colon - start), value.substr(colon + 1)};
    }
  }
  return std::nullopt;
}

bool is_filter_name(std::string_view name) {
  constexpr std::string_view kOthers[] = {"after", "before",  "limit", "offset",
                                          "skip",  "sort_by", "scope", "org"};
  return std::find(std::begin(kOthers), std::end(kOthers), name) == std::end(kOthers);
}

base::Result<std::vector<ColumnFilter>> read_column_filters(const wire::Parameters& parameters) {
  std::vector<ColumnFilter> filters;
  for (const auto& [name, value] : parameters) {
    std::optional<PredicateText> found =
        is_filter_name(name) ? find_predicate(value) : std::nullopt;
    if (!found) {
      continue;
    }
    if (!parse_predicate(found->predicate)) {
      return bad_filters();
    }
    filters.push_back({name, std::string(found->predicate), std::string(found->value)});
  }
  return filters;
}

base::Result<Filter> build_filter(const std::vector<ColumnFilter>& filters) {
  std::vector<Filter> terms;
  for (const ColumnFilter& filter : filters) {
    ASSIGN_OR_RETURN(Filter term, filter_of(filter));
    terms.push_back(std::move(term));
  }
  return query::all_of(std::move(terms));
}

}  // namespace piperoll::dialect::bloodhound
