#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/json.h"
#include "base/timestamp.h"
#include "base/unicode.h"
#include "base/uuid.h"
#include "dialect/antidote/decode.h"
#include "dialect/antidote/validation.h"
#include "dialect/common/call.h"
#include "dialect/common/instant.h"

namespace piperoll::dialect::antidote {
namespace {

using base::JsonKind;
using base::JsonValue;
using base::Result;
using event::Field;
using query::Filter;

constexpr std::uint64_t kPageSizeMax = 200;
constexpr std::size_t kParamFiltersMax = 100;

Filter equal(Field field, std::string text) {
  return query::equal({field, {}}, std::move(text));
}
Filter contains(Field field, std::string_view text) {
  return query::contains({field, {}}, text);
}
Filter present(Field field) {
  return query::exists({field, {}});
}
Filter in(Field field, std::vector<std::string> texts) {
  return query::in({field, {}}, std::move(texts));
}

// What holds of the shown actor: the name, else the e-mail, else the id.
template <class Predicate>
Filter on_actor(Predicate predicate) {
  return query::any_of(
      {predicate(Field::ActorName),
       query::all_of({query::negate(present(Field::ActorName)), predicate(Field::ActorEmail)}),
       query::all_of({query::negate(present(Field::ActorName)),
                      query::negate(present(Field::ActorEmail)), predicate(Field::ActorId)})});
}

Filter search(std::string_view text) {
  auto within = [text](Field field) { return contains(field, text); };
  return query::any_of({within(Field::Action), within(Field::Summary), within(Field::Category),
                        on_actor(within), within(Field::TargetType), within(Field::TargetId)});
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) {
      pieces.emplace_back(text.substr(0, comma));
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return pieces;
}

struct SortName {
  std::string_view name;
  std::vector<Field> fields;
};
const std::vector<SortName>& sort_names() {
  static const std::vector<SortName> kNames = {
      {"created_at", {Field::OccurredAt}},
      {"id", {Field::Id}},
      {"event_type", {Field::Action}},
      {"category", {Field::Category}},
      {"summary", {Field::Summary}},
      {"severity", {Field::Severity}},
      {"actor", {Field::ActorName, Field::ActorEmail, Field::ActorId}},
      {"application_id", {Field::ApplicationId}},
      {"application_key", {Field::ApplicationKey}},
      {"entity_type", {Field::TargetType}},
      {"entity_id", {Field::TargetId}},
      {"ip_address", {Field::RequestIp}},
  };
  return kNames;
}

// "'a', 'b' or 'c'", as the framework lists what is allowed.
std::string one_of(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    out += i == 0 ? "'" : i + 1 == words.size() ? " or '" : ", '";
    out.append(words[i]).push_back('\'');
  }
  return out;
}

// A date and time, or a date (its first moment); without a zone it is UTC.
std::optional<Instant> parse_moment(std::string text) {
  if (text.size() == 10) {
    text += "T00:00:00Z";
  } else if (text.size() > 10 && text.find_first_of("Zz+", 10) == std::string::npos &&
             text.find('-', 10) == std::string::npos) {
    text += "Z";
  }
  return parse_instant(text);
}

class ListQuery {
 public:
  explicit ListQuery(const wire::Parameters& parameters) : parameters_(parameters) {}

  std::string text(std::string_view name) const {
    return std::string(wire::find(parameters_, name).value_or(""));
  }

  std::uint64_t number(std::string_view name, std::uint64_t fallback, std::uint64_t max) {
    auto given = wire::find(parameters_, name);
    if (!given) {
      return fallback;
    }
    std::int64_t value = 0;
    auto [at, error] = std::from_chars(given->data(), given->data() + given->size(), value);
    if (error != std::errc() || at != given->data() + given->size()) {
      faults.add("int_parsing", query_loc(name),
                 "Input should be a valid integer, unable to parse string as an integer",
                 json_text(*given));
    } else if (value < 1) {
      faults.add("greater_than_equal", query_loc(name),
                 "Input should be greater than or equal to 1", json_text(*given), "{\"ge\":1}");
    } else if (static_cast<std::uint64_t>(value) > max) {
      faults.add("less_than_equal", query_loc(name),
                 "Input should be less than or equal to " + std::to_string(max), json_text(*given),
                 "{\"le\":" + std::to_string(max) + "}");
    } else {
      return static_cast<std::uint64_t>(value);
    }
    return fallback;
  }

  bool flag(std::string_view name) {
    const std::string given = base::fold_case(text(name));
    for (std::string_view yes : {"true", "1", "yes", "on", "t", "y"}) {
      if (given == yes) {
        return true;
      }
    }
    for (std::string_view no : {"", "false", "0", "no", "off", "f", "n"}) {
      if (given == no) {
        return false;
      }
    }
    faults.add("bool_parsing", query_loc(name),
               "Input should be a valid boolean, unable to interpret input", json_text(text(name)));
    return false;
  }

  std::optional<Instant> moment(std::string_view name) {
    const std::string given = text(name);
    if (given.empty()) {
      return std::nullopt;
    }
    auto moment = parse_moment(given);
    if (!moment) {
      faults.add("datetime_from_date_parsing", query_loc(name),
                 "Input should be a valid datetime or date, invalid characters", json_text(given),
                 R"({"error":"not a date or an RFC 3339 time"})");
    }
    return moment;
  }

  query::Sort sort() {
    const std::string name = text("sort_by").empty() ? "created_at" : text("sort_by");
    const std::string direction = text("sort_dir").empty() ? "desc" : text("sort_dir");
    if (direction != "asc" && direction != "desc") {
      add_enum("sort_dir", direction, {"asc", "desc"});
    }
    std::vector<std::string_view> allowed;
    for (const SortName& known : sort_names()) {
      if (known.name == name) {
        query::Sort sort;
        for (Field field : known.fields) {
          sort.push_back({.field = field, .descending = direction == "desc"});
        }
        return sort;
      }
      allowed.push_back(known.name);
    }
    add_enum("sort_by", name, allowed);
    return query::newest_first();
  }

  void add_enum(std::string_view name, std::string_view given,
                const std::vector<std::string_view>& allowed) {
    const std::string expected = one_of(allowed);
    faults.add("enum", query_loc(name), "Input should be " + expected, json_text(given),
               "{\"expected\":" + json_text(expected) + "}");
  }

  void param_filters(std::vector<Filter>& terms);

  Validation faults;

 private:
  std::optional<Filter> param_filter(const JsonValue& item);
  void bad_param_filter(std::string message) {
    faults.add("value_error", query_loc("param_filters"), "Value error, " + std::move(message),
               json_text(text("param_filters")));
  }

  const wire::Parameters& parameters_;
};

std::string text_of(const JsonValue& value) {
  if (value.is(JsonKind::String)) {
    return std::string(value.as_string());
  }
  std::string text;
  base::append_canonical(text, value);
  return text;
}

// {key, operator, value} -> a filter on params.<key>.
std::optional<Filter> ListQuery::param_filter(const JsonValue& item) {
  JsonValue key, operation, value;
  const bool named = item.is(JsonKind::Object) && item.find("key", key) &&
                     key.is(JsonKind::String) && !key.as_string().empty();
  if (!named) {
    bad_param_filter("each element must be an object with key, operator and value");
    return std::nullopt;
  }
  const bool has_operator = item.find("operator", operation) && operation.is(JsonKind::String);
  const std::string name = has_operator ? std::string(operation.as_string()) : "eq";
  const bool has_value = item.find("value", value);
  event::FieldRef field{Field::Params, std::string(key.as_string())};
  if (name == "exists") {
    const bool wanted = !has_value || !value.is(JsonKind::Boolean) || value.as_bool();
    return wanted ? query::exists(field) : query::negate(query::exists(field));
  }
  if (!has_value) {
    bad_param_filter("operator " + name + " needs a value");
    return std::nullopt;
  }
  if (name == "eq") {
    return query::equal(field, text_of(value));
  }
  if (name == "ne" || name == "neq") {
    return query::negate(query::equal(field, text_of(value)));
  }
  if (name == "contains") {
    return query::contains(field, text_of(value));
  }
  if (name == "starts_with") {
    return query::prefix(field, text_of(value));
  }
  if (name == "in" && value.is(JsonKind::Array)) {
    std::vector<std::string> texts;
    for (const JsonValue& element : value.elements()) {
      texts.push_back(text_of(element));
    }
    return query::in(field, std::move(texts));
  }
  bad_param_filter("operator must be eq, ne, contains, starts_with, in (with an array) or exists");
  return std::nullopt;
}

void ListQuery::param_filters(std::vector<Filter>& terms) {
  const std::string given = text("param_filters");
  if (given.empty()) {
    return;
  }
  base::JsonParser parser;
  auto parsed = parser.parse(given);
  if (!parsed || !parsed->is(JsonKind::Array) || parsed->elements().size() > kParamFiltersMax) {
    bad_param_filter("must be a JSON array of at most " + std::to_string(kParamFiltersMax) +
                     " objects with key, operator and value");
    return;
  }
  for (const JsonValue& item : parsed->elements()) {
    if (auto filter = param_filter(item)) {
      terms.push_back(*std::move(filter));
    }
  }
}

void add_lists(const ListQuery& query, std::vector<Filter>& terms) {
  auto add = [&](std::string_view name, auto make) {
    if (auto values = split_commas(query.text(name)); !values.empty()) {
      terms.push_back(make(std::move(values)));
    }
  };
  add("event_types",
      [](std::vector<std::string> values) { return in(Field::Action, std::move(values)); });
  add("categories",
      [](std::vector<std::string> values) { return in(Field::Category, std::move(values)); });
  add("severities",
      [](std::vector<std::string> values) { return in(Field::Severity, std::move(values)); });
  add("actors", [](const std::vector<std::string>& values) {
    return on_actor([&](Field field) { return in(field, values); });
  });
}

void add_texts(const ListQuery& query, std::vector<Filter>& terms) {
  for (auto [name, field] :
       {std::pair{"entity_type", Field::TargetType}, std::pair{"entity_id", Field::TargetId},
        std::pair{"application_id", Field::ApplicationId}}) {
    std::string value = query.text(name);
    if (auto uuid = base::parse_uuid(value); uuid && field == Field::ApplicationId) {
      value = uuid->to_string();
    }
    if (!value.empty()) {
      terms.push_back(equal(field, std::move(value)));
    }
  }
  if (std::string text = query.text("search"); !text.empty()) {
    terms.push_back(search(text));
  }
}

}  // namespace

Result<operation::Operation> decode_list(const wire::Parameters& parameters, Paging& paging) {
  ListQuery query(parameters);
  operation::FindEvents find;
  paging.page = query.number("page", 1, std::numeric_limits<std::int64_t>::max());
  paging.page_size = query.number("page_size", 50, kPageSizeMax);
  std::vector<Filter> terms;
  add_texts(query, terms);
  add_lists(query, terms);
  const auto from = query.moment("date_from");
  const auto to = query.moment("date_to");
  terms.push_back(occurred_between(from, to));
  if (query.flag("registered_params_only")) {
    terms.push_back(query::any_of({}));  // no parameter is registered, so nothing has one
  }
  query.param_filters(terms);
  find.page.sort = query.sort();
  if (!query.faults.empty()) {
    return query.faults.error();
  }
  find.page.filter = query::normalize(query::all_of(std::move(terms)));
  find.count = find.page.filter;
  find.page.limit = paging.page_size;
  const std::uint64_t before = paging.page - 1;
  find.page.offset = before > std::numeric_limits<std::uint64_t>::max() / paging.page_size
                         ? std::numeric_limits<std::uint64_t>::max()
                         : before * paging.page_size;
  return operation::Operation(std::move(find));
}

auth::Credential credential_of(const wire::Request& request) {
  if (auto token = bearer_token(request)) {
    return secret_credential(*token);
  }
  if (std::string_view key = request.header("X-API-Key").value_or(""); !key.empty()) {
    return secret_credential(key);
  }
  return secret_credential(request.cookie("antidote_session").value_or(""));
}

}  // namespace piperoll::dialect::antidote
