#include "dialect/nirvana/decode.h"

#include <charconv>
#include <limits>

#include "base/ip_address.h"
#include "dialect/common/instant.h"
#include "query/query.h"

namespace piperoll::dialect::nirvana {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using event::Field;
using query::Filter;

constexpr std::int64_t kLimitMin = 10, kLimitMax = 100, kLimitDefault = 50;

Error bad(std::string_view name, std::string_view allowed) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = std::string(name) + " " + std::string(allowed),
          .code = "invalid_parameter",
          .faults = {{std::string(name), std::string(allowed)}}};
}

// Nothing if the parameter is absent or empty.
std::optional<std::string_view> given(const wire::Parameters& parameters, std::string_view name) {
  auto value = wire::find(parameters, name);
  return value && !value->empty() ? value : std::nullopt;
}

Result<std::optional<std::int64_t>> number(const wire::Parameters& parameters,
                                           std::string_view name) {
  auto text = given(parameters, name);
  if (!text) {
    return std::optional<std::int64_t>();
  }
  std::int64_t value = 0;
  auto [at, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || at != text->data() + text->size()) {
    return bad(name, "must be a whole number");
  }
  return std::optional(value);
}

Result<std::optional<Instant>> moment(const wire::Parameters& parameters, std::string_view name) {
  auto text = given(parameters, name);
  if (!text) {
    return std::optional<Instant>();
  }
  auto instant = parse_instant(*text);
  if (!instant) {
    return bad(name, "must be an RFC 3339 time, for example 2026-01-02T03:04:05Z");
  }
  return instant;
}

Result<std::uint64_t> limit_of(const wire::Parameters& parameters) {
  ASSIGN_OR_RETURN(auto limit, number(parameters, "limit"));
  if (limit && (*limit < kLimitMin || *limit > kLimitMax)) {
    return bad("limit", "must be from 10 to 100");
  }
  return static_cast<std::uint64_t>(limit.value_or(kLimitDefault));
}

void add_equalities(const wire::Parameters& parameters, std::vector<Filter>& terms) {
  for (auto [name, field] :
       {std::pair{"action", Field::Action}, std::pair{"actor_id", Field::ActorId},
        std::pair{"method", Field::RequestMethod}, std::pair{"target_id", Field::TargetId},
        std::pair{"target_type", Field::TargetType}}) {
    if (auto value = given(parameters, name)) {
      terms.push_back(query::equal({field, {}}, std::string(*value)));
    }
  }
  if (auto path = given(parameters, "path")) {
    terms.push_back(query::contains({Field::RequestPath, {}}, *path));
  }
  if (auto ip = given(parameters, "client_ip")) {
    auto canonical = base::canonical_ip(*ip);
    terms.push_back(
        query::equal({Field::RequestIp, {}}, canonical ? *std::move(canonical) : std::string(*ip)));
  }
}

Result<void> add_actor_type(const wire::Parameters& parameters, std::vector<Filter>& terms) {
  auto type = given(parameters, "actor_type");
  if (!type) {
    return {};
  }
  if (*type != "user" && *type != "api_key") {
    return bad("actor_type", "must be user or api_key");
  }
  Filter keys = query::in({Field::ActorType, {}}, api_key_types());
  terms.push_back(*type == "api_key" ? std::move(keys) : query::negate(std::move(keys)));
  return {};
}

// An event without a status shows 0, and is found by it.
Result<void> add_status_code(const wire::Parameters& parameters, std::vector<Filter>& terms) {
  ASSIGN_OR_RETURN(auto min, number(parameters, "status_code_min"));
  ASSIGN_OR_RETURN(auto max, number(parameters, "status_code_max"));
  if (!min && !max) {
    return {};
  }
  const std::int64_t from = min.value_or(std::numeric_limits<std::int64_t>::min());
  const std::int64_t to = max.value_or(std::numeric_limits<std::int64_t>::max());
  std::vector<Filter> any = {query::range(Field::RequestStatusCode, from, to)};
  if (from <= 0 && to >= 0) {
    any.push_back(query::negate(query::exists({Field::RequestStatusCode, {}})));
  }
  terms.push_back(query::any_of(std::move(any)));
  return {};
}

Result<query::Sort> sort_of(const wire::Parameters& parameters) {
  auto text = given(parameters, "sort");
  if (!text) {
    return query::newest_first();
  }
  constexpr std::string_view kAllowed =
      "must be a comma list of created_at or status_code, each with :asc or :desc";
  query::Sort sort;
  std::string_view rest = *text;
  while (!rest.empty()) {
    std::string_view term = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(term.size() + 1, rest.size()));
    const std::size_t colon = std::min(term.find(':'), term.size());
    const std::string_view name = term.substr(0, colon);
    const std::string_view direction = term.substr(std::min(colon + 1, term.size()));
    const bool known = (name == "created_at" || name == "status_code") &&
                       (direction == "asc" || direction == "desc");
    if (!known || sort.size() == 2) {
      return bad("sort", kAllowed);
    }
    // In the order of the default the default's cursors go on.
    sort.push_back(name == "created_at" ? query::SortTerm{.field = Field::OccurredAt,
                                                          .descending = direction == "desc"}
                                        : query::SortTerm{.field = Field::RequestStatusCode,
                                                          .descending = direction == "desc",
                                                          .absent = query::Absent::Lowest});
  }
  return sort.empty() ? Result<query::Sort>(bad("sort", kAllowed)) : sort;
}

}  // namespace

const std::vector<std::string>& api_key_types() {
  static const std::vector<std::string> kTypes = {
      "api_key", "application", "app", "service", "serviceuser", "service_account", "machine"};
  return kTypes;
}

Result<operation::Operation> decode_list(const wire::Parameters& parameters) {
  operation::FindEvents find;
  ASSIGN_OR_RETURN(find.page.limit, limit_of(parameters));
  std::vector<Filter> terms;
  add_equalities(parameters, terms);
  RETURN_IF_ERROR(add_actor_type(parameters, terms));
  RETURN_IF_ERROR(add_status_code(parameters, terms));
  ASSIGN_OR_RETURN(auto from, moment(parameters, "created_at_min"));
  ASSIGN_OR_RETURN(auto to, moment(parameters, "created_at_max"));
  terms.push_back(occurred_between(from, to));
  ASSIGN_OR_RETURN(find.page.sort, sort_of(parameters));
  if (auto cursor = given(parameters, "cursor")) {
    find.cursor = std::string(*cursor);
  }
  find.page.filter = query::normalize(query::all_of(std::move(terms)));
  find.count = find.page.filter;
  find.want_cursors = true;
  return operation::Operation(std::move(find));
}

}  // namespace piperoll::dialect::nirvana
