#include "dialect/native/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/edit_distance.h"
#include "base/ip_address.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "dialect/common/instant.h"
#include "event/event.h"

namespace piperoll::dialect::native {
namespace {

using event::Field;
using event::FieldRef;
using event::FieldType;
using query::Filter;

struct Suffix {
  std::string_view text;
  Filter::Kind kind;
  bool negated;
};
constexpr std::array kSuffixes = {
    Suffix{".ne", Filter::Kind::Equal, true},
    Suffix{".contains", Filter::Kind::Contains, false},
    Suffix{".prefix", Filter::Kind::Prefix, false},
    Suffix{".in", Filter::Kind::In, false},
    Suffix{".exists", Filter::Kind::Exists, false},
};
constexpr Suffix kEqual = {"", Filter::Kind::Equal, false};

struct FilterName {
  FieldRef field;
  Suffix suffix;
};

// "actor.id", "actor.id.ne", "metadata.plan.prefix".
std::optional<FilterName> parse_filter_name(std::string_view name) {
  for (const Suffix& suffix : kSuffixes) {
    if (name.ends_with(suffix.text)) {
      if (auto field = event::parse_field_ref(name.substr(0, name.size() - suffix.text.size()))) {
        return FilterName{*std::move(field), suffix};
      }
    }
  }
  if (auto field = event::parse_field_ref(name)) {
    return FilterName{*std::move(field), kEqual};
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return value;
}

// The form in which the field shows a value, so that another spelling of it is found; an error
// says what the field takes.
base::Result<std::string> value_for(Field field, const std::string& value) {
  auto bad = [](const char* allowed) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument, .message = allowed};
  };
  switch (field) {
    case Field::OccurredAt:
    case Field::RecordedAt: {
      auto time = base::parse_rfc3339(value);
      return time ? base::Result<std::string>(base::format_rfc3339(*time))
                  : bad("must be an RFC 3339 time, for example 2026-01-02T03:04:05Z");
    }
    case Field::Seq:
    case Field::RequestStatusCode: {
      auto number = parse_number(value);
      return number ? base::Result<std::string>(std::to_string(*number))
                    : bad("must be a whole number, 0 or more");
    }
    case Field::Severity:
      return event::parse_severity(value) ? base::Result<std::string>(value)
                                          : bad("must be critical, high, medium, low or none");
    case Field::Status:
      return event::parse_status(value) ? base::Result<std::string>(value)
                                        : bad("must be intent, success or failure");
    case Field::RequestIp: {
      auto ip = base::canonical_ip(value);
      return ip ? *std::move(ip) : value;  // no event has anything else
    }
    case Field::CommitId:
    case Field::ClusterId:
    case Field::ApplicationId: {
      auto uuid = base::parse_uuid(value);
      return uuid ? uuid->to_string() : value;
    }
    default:
      return value;
  }
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> pieces;
  std::size_t begin = 0;
  for (;;) {
    std::size_t comma = text.find(',', begin);
    pieces.push_back(text.substr(begin, comma - begin));
    if (comma == std::string::npos) {
      return pieces;
    }
    begin = comma + 1;
  }
}

base::Result<Filter> term_of(const FilterName& name, const std::string& value) {
  switch (name.suffix.kind) {
    case Filter::Kind::Equal: {
      ASSIGN_OR_RETURN(std::string text, value_for(name.field.field, value));
      Filter equal = query::equal(name.field, std::move(text));
      return name.suffix.negated ? query::negate(std::move(equal)) : equal;
    }
    case Filter::Kind::In: {
      std::vector<std::string> texts;
      for (const std::string& piece : split_commas(value)) {
        ASSIGN_OR_RETURN(std::string text, value_for(name.field.field, piece));
        texts.push_back(std::move(text));
      }
      return query::in(name.field, std::move(texts));
    }
    case Filter::Kind::Contains:
      return query::contains(name.field, value);
    case Filter::Kind::Prefix:
      return query::prefix(name.field, value);
    default:
      break;
  }
  if (value != "true" && value != "false") {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "must be true or false"};
  }
  Filter exists = query::exists(name.field);
  return value == "true" ? exists : query::negate(std::move(exists));
}

constexpr std::array kKnownParameters = {"q",
                                         "sort",
                                         "limit",
                                         "cursor",
                                         "offset",
                                         "count",
                                         "explain",
                                         "format",
                                         "columns",
                                         "from_seq",
                                         "to_seq",
                                         "after_seq",
                                         "field",
                                         "interval",
                                         "org",
                                         "occurred_after",
                                         "occurred_before",
                                         "atomic",
                                         "results",
                                         "consistency",
                                         "recorded_after",
                                         "recorded_before"};

std::string nearest_parameter(std::string_view name) {
  std::string best;
  std::size_t best_distance = 4;  // further away is no hint
  auto consider = [&](std::string_view candidate) {
    std::size_t d = name.size() > 64 ? best_distance : base::edit_distance(name, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  };
  for (const char* known : kKnownParameters) {
    consider(known);
  }
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    consider(event::name_of(static_cast<Field>(i)));
  }
  return best;
}

}  // namespace

void ParameterReader::fault(std::string_view parameter, std::string detail) {
  faults_.push_back({std::string(parameter.substr(0, 200)), std::move(detail)});
}

std::optional<std::string> ParameterReader::take(std::string_view name) {
  std::optional<std::string> value;
  bool twice = false;
  std::erase_if(parameters_, [&](std::pair<std::string, std::string>& parameter) {
    if (parameter.first != name) {
      return false;
    }
    twice = twice || value.has_value();
    value = std::move(parameter.second);
    return true;
  });
  if (twice) {
    fault(name, "is given more than once");
  }
  return value;
}

std::uint64_t ParameterReader::take_number(std::string_view name, std::uint64_t fallback,
                                           std::uint64_t min, std::uint64_t max) {
  std::optional<std::string> text = take(name);
  if (!text) {
    return fallback;
  }
  std::optional<std::uint64_t> value = parse_number(*text);
  if (!value || *value < min || *value > max) {
    fault(name,
          "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return fallback;
  }
  return *value;
}

bool ParameterReader::take_flag(std::string_view name) {
  return take_word(name, {"false", "true"}) == 1;
}

std::size_t ParameterReader::take_word(std::string_view name,
                                       const std::vector<std::string_view>& words) {
  std::optional<std::string> text = take(name);
  if (!text) {
    return 0;
  }
  auto found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) {
    return static_cast<std::size_t>(found - words.begin());
  }
  std::string allowed = "must be ";
  for (std::size_t i = 0; i < words.size(); ++i) {
    allowed += i == 0 ? "" : (i + 1 == words.size() ? " or " : ", ");
    allowed += words[i];
  }
  fault(name, std::move(allowed));
  return 0;
}

query::Sort ParameterReader::take_sort() {
  std::optional<std::string> text = take("sort");
  if (!text) {
    return query::newest_first();
  }
  query::Sort sort;
  for (const std::string& piece : split_commas(*text)) {
    const bool descending = piece.starts_with('-');
    const std::string name = piece.substr(descending ? 1 : 0);
    auto field = event::field_named(name);
    if (!field || event::type_of(*field) == FieldType::Object) {
      fault("sort", "\"" + name.substr(0, 100) +
                        "\" cannot be sorted by: name scalar fields of the event, with - for "
                        "descending, separated by commas");
      return query::newest_first();
    }
    sort.push_back({.field = *field, .descending = descending});
  }
  if (sort.size() > kSortTermsMax) {
    fault("sort", "takes at most " + std::to_string(kSortTermsMax) + " fields");
  }
  return sort;
}

void ParameterReader::take_time_bounds(Field field, std::string_view after, std::string_view before,
                                       std::vector<Filter>& terms) {
  constexpr std::string_view kAllowed =
      "must be an RFC 3339 time, for example 2026-01-02T03:04:05Z (write + as %2B)";
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  if (auto text = take(after)) {
    if (auto instant = parse_instant(*text)) {
      min = lower_bound(*instant);
    } else {
      fault(after, std::string(kAllowed));
    }
  }
  if (auto text = take(before)) {
    if (auto instant = parse_instant(*text)) {
      max = lower_bound(*instant) - 1;  // exclusive
    } else {
      fault(before, std::string(kAllowed));
    }
  }
  if (min != std::numeric_limits<std::int64_t>::min() ||
      max != std::numeric_limits<std::int64_t>::max()) {
    terms.push_back(query::range(field, min, max));
  }
}

bool ParameterReader::take_filter_parameter(const std::string& name, const std::string& value,
                                            std::vector<Filter>& terms) {
  std::optional<FilterName> filter = parse_filter_name(name);
  if (!filter) {
    return false;
  }
  if (terms.size() >= kFilterParametersMax) {
    fault(name, "is one filter too many: at most " + std::to_string(kFilterParametersMax));
    return true;
  }
  if (base::Result<Filter> term = term_of(*filter, value)) {
    terms.push_back(*std::move(term));
  } else {
    fault(name, term.error().message);
  }
  return true;
}

query::Filter ParameterReader::take_filter() {
  std::vector<Filter> terms;
  if (auto text = take("q")) {
    terms.push_back(query::words(*text));
  }
  take_time_bounds(Field::OccurredAt, "occurred_after", "occurred_before", terms);
  take_time_bounds(Field::RecordedAt, "recorded_after", "recorded_before", terms);
  std::erase_if(parameters_, [&](const std::pair<std::string, std::string>& parameter) {
    return take_filter_parameter(parameter.first, parameter.second, terms);
  });
  return query::normalize(query::all_of(std::move(terms)));
}

base::Result<void> ParameterReader::finish() {
  for (const auto& [name, value] : parameters_) {
    const std::string nearest = nearest_parameter(name);
    fault(name, nearest.empty()
                    ? "is not a parameter of this address"
                    : "is not a parameter of this address; did you mean " + nearest + "?");
  }
  if (faults_.empty()) {
    return {};
  }
  base::Error error{.kind = base::ErrorKind::InvalidArgument,
                    .message = faults_[0].pointer + " " + faults_[0].detail,
                    .code = "invalid_parameter"};
  error.faults = std::move(faults_);
  return error;
}

}  // namespace piperoll::dialect::native
