#include "dialect/runai/decode.h"

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/unicode.h"
#include "base/uuid.h"
#include "dialect/runai/local_time.h"

namespace piperoll::dialect::runai {
namespace {

using event::Field;
using query::Filter;

base::Error bad_parameter(std::string_view name, std::string_view allowed) {
  std::string message = std::string(name) + " must be " + std::string(allowed);
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = message,
          .faults = {{std::string(name), "must be " + std::string(allowed)}}};
}

// "" if absent or blank.
std::string_view value_of(const wire::Parameters& parameters, std::string_view name) {
  std::string_view value = wire::find(parameters, name).value_or("");
  return base::is_blank(value) ? std::string_view() : value;
}

struct TextParameter {
  std::string_view name;
  Field field;
};

constexpr TextParameter kTextParameters[] = {
    {"action", Field::Action},      {"source_type", Field::ActorType},
    {"source_id", Field::ActorId},  {"entity_type", Field::TargetType},
    {"entity_id", Field::TargetId},
};

void add_texts(const wire::Parameters& parameters, std::vector<Filter>& terms) {
  for (const TextParameter& parameter : kTextParameters) {
    if (std::string_view value = value_of(parameters, parameter.name); !value.empty()) {
      terms.push_back(query::equal({parameter.field, {}}, std::string(value)));
    }
  }
}

// sourceName is the actor's name, or its e-mail where it has none.
void add_source_name(const wire::Parameters& parameters, std::vector<Filter>& terms) {
  std::string name(value_of(parameters, "source_name"));
  if (name.empty()) {
    return;
  }
  Filter unnamed = query::negate(query::exists({Field::ActorName, {}}));
  Filter by_email =
      query::all_of({std::move(unnamed), query::equal({Field::ActorEmail, {}}, name)});
  terms.push_back(query::any_of({query::equal({Field::ActorName, {}}, name), std::move(by_email)}));
}

base::Result<void> add_cluster(const wire::Parameters& parameters, std::vector<Filter>& terms) {
  std::string_view value = value_of(parameters, "cluster_uuid");
  if (value.empty()) {
    return {};
  }
  auto uuid = base::parse_uuid(value);
  if (!uuid) {
    return bad_parameter("cluster_uuid", "a UUID");
  }
  terms.push_back(query::equal({Field::ClusterId, {}}, uuid->to_string()));
  return {};
}

base::Result<void> add_success(const wire::Parameters& parameters, std::vector<Filter>& terms) {
  std::string_view value = value_of(parameters, "success");
  if (value.empty()) {
    return {};
  }
  if (value != "true" && value != "false") {
    return bad_parameter("success", "true, false or blank");
  }
  Filter failed =
      query::equal({Field::Status, {}}, std::string(event::to_string(event::Status::Failure)));
  terms.push_back(value == "false" ? std::move(failed) : query::negate(std::move(failed)));
  return {};
}

constexpr std::int64_t kMilli = 1'000;  // microseconds; times are shown in milliseconds

base::Result<std::optional<Instant>> read_time(const wire::Parameters& parameters,
                                               std::string_view name, DayEnd day_end) {
  std::string_view value = value_of(parameters, name);
  if (value.empty()) {
    return std::optional<Instant>();
  }
  std::optional<Instant> time = parse_local_time(value, day_end);
  if (!time) {
    return bad_parameter(name, "a date (yyyy-MM-dd) or date-time (yyyy-MM-ddTHH:mm:ss)");
  }
  return time;
}

base::Result<std::uint64_t> read_number(const wire::Parameters& parameters, std::string_view name,
                                        std::int64_t fallback, std::int64_t min, std::int64_t max,
                                        std::string_view allowed) {
  std::string_view text = value_of(parameters, name);
  std::int64_t value = fallback;
  if (!text.empty()) {
    auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool whole = code == std::errc{} && end == text.data() + text.size();
    if (!whole || value < min || value > max) {
      return bad_parameter(name, allowed);
    }
  }
  return static_cast<std::uint64_t>(value);
}

}  // namespace

base::Result<operation::FindEvents> read_query(const wire::Parameters& parameters) {
  std::vector<Filter> terms;
  ASSIGN_OR_RETURN(std::optional<Instant> start, read_time(parameters, "start", DayEnd::First));
  ASSIGN_OR_RETURN(std::optional<Instant> end, read_time(parameters, "end", DayEnd::Last));
  if (end) {
    // Whatever is shown with the last millisecond is within.
    end = Instant{.micros = end->micros - (end->micros % kMilli + kMilli) % kMilli + kMilli - 1};
  }
  terms.push_back(occurred_between(start, end));
  RETURN_IF_ERROR(add_cluster(parameters, terms));
  add_texts(parameters, terms);
  add_source_name(parameters, terms);
  RETURN_IF_ERROR(add_success(parameters, terms));

  operation::FindEvents find;
  ASSIGN_OR_RETURN(find.page.limit, read_number(parameters, "limit", kLimitDefault, 1, kLimitMax,
                                                "an integer from 1 to 500"));
  ASSIGN_OR_RETURN(find.page.offset,
                   read_number(parameters, "offset", 0, 0, std::numeric_limits<std::int64_t>::max(),
                               "an integer of at least 0"));
  find.page.filter = query::normalize(query::all_of(std::move(terms)));
  return find;
}

bool wants_download(const wire::Parameters& parameters) {
  return wire::find(parameters, "download") == "true";
}

}  // namespace piperoll::dialect::runai
