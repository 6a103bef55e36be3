#include "base/json.h"
#include "base/unicode.h"
#include "base/uuid.h"
#include "dialect/antidote/decode.h"
#include "dialect/antidote/validation.h"
#include "event/event_json.h"
#include "event/event_limits.h"
#include "event/event_validate.h"

namespace piperoll::dialect::antidote {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::Result;

constexpr std::string_view kKeyPattern = "^[a-z][a-z0-9_]*$";
constexpr std::string_view kSeverities = "'critical', 'high', 'medium', 'low' or 'none'";

struct TextRule {
  std::size_t min = 0, max = 0;  // code points
  bool required = false;
};

std::string canonical_text(const JsonValue& value) {
  std::string out;
  base::append_canonical(out, value);
  return out;
}

// The members of the body, and the faults in them in the order of the schema.
class CreateBody {
 public:
  explicit CreateBody(const JsonValue& body) : body_(body), input_(canonical_text(body)) {}

  std::optional<JsonValue> member(std::string_view name) const {
    JsonValue value;
    return body_.find(name, value) ? std::optional(value) : std::nullopt;
  }
  // null is absence, also where the schema does not say so.
  std::optional<JsonValue> optional_member(std::string_view name) const {
    std::optional<JsonValue> value = member(name);
    return value && value->is(JsonKind::Null) ? std::nullopt : value;
  }

  std::optional<std::string> text(std::string_view name, const TextRule& rule) {
    auto value = rule.required ? member(name) : optional_member(name);
    if (!value) {
      return std::nullopt;
    }
    if (!value->is(JsonKind::String)) {
      faults.add("string_type", body_loc(name), "Input should be a valid string",
                 canonical_text(*value));
      return std::nullopt;
    }
    std::string text(value->as_string());
    const std::size_t length = base::code_point_count(text);
    if (length < rule.min) {
      faults.add("string_too_short", body_loc(name),
                 "String should have at least " + std::to_string(rule.min) + " character",
                 json_text(text), "{\"min_length\":" + std::to_string(rule.min) + "}");
    } else if (length > rule.max) {
      faults.add("string_too_long", body_loc(name),
                 "String should have at most " + std::to_string(rule.max) + " characters",
                 json_text(text), "{\"max_length\":" + std::to_string(rule.max) + "}");
    }
    return text;
  }

  std::string required_text(std::string_view name, std::size_t max) {
    if (!member(name)) {
      faults.add("missing", body_loc(name), "Field required", input_);
      return "";
    }
    return text(name, {1, max, true}).value_or("");
  }

  // The schema would let it be only white space; an action may not.
  std::string event_type() {
    std::string value = required_text("event_type", event::kActionMax);
    if (!value.empty() && base::is_blank(value)) {
      faults.add("value_error", body_loc("event_type"), "Value error, must not be only white space",
                 json_text(value));
    }
    return value;
  }

  std::string object(std::string_view name) {
    auto value = optional_member(name);
    if (!value) {
      return "";
    }
    if (!value->is(JsonKind::Object)) {
      faults.add("dict_type", body_loc(name), "Input should be a valid dictionary",
                 canonical_text(*value));
      return "";
    }
    auto object = event::read_object(*value, "");
    return object ? *std::move(object) : "";
  }

  event::Severity severity() {
    auto value = optional_member("severity");
    if (!value) {
      return event::Severity::Low;
    }
    auto severity =
        value->is(JsonKind::String) ? event::parse_severity(value->as_string()) : std::nullopt;
    if (!severity) {
      faults.add("enum", body_loc("severity"), "Input should be " + std::string(kSeverities),
                 canonical_text(*value), "{\"expected\":" + json_text(kSeverities) + "}");
    }
    return severity.value_or(event::Severity::Low);
  }

  Validation faults;

 private:
  const JsonValue body_;
  const std::string input_;
};

void check_key(CreateBody& body, const std::optional<std::string>& key) {
  if (key && !key->empty() && base::code_point_count(*key) <= 64 &&
      !event::is_valid_application_key(*key)) {
    body.faults.add("string_pattern_mismatch", body_loc("application_key"),
                    "String should match pattern '" + std::string(kKeyPattern) + "'",
                    json_text(*key), "{\"pattern\":" + json_text(kKeyPattern) + "}");
  }
}

event::Event read_members(CreateBody& body) {
  event::Event event = event::make_event(body.event_type());
  event.summary = body.required_text("summary", event::kSummaryMax);
  if (auto category = body.text("category", {0, event::kCategoryMax})) {
    event.category = *std::move(category);
  }
  event.application.id = body.text("application_id", {0, 1024});
  event.application.key = body.text("application_key", {1, 64});
  check_key(body, event.application.key);
  event.target.type = body.text("entity_type", {0, event::kPartyTypeMax});
  event.target.id = body.text("entity_id", {0, 128});
  event.severity = body.severity();
  event.params = body.object("params");
  event.metadata = body.object("metadata");
  return event;
}

// Rules that our model adds: the size of the whole and its depth.
void add_model_faults(CreateBody& body, event::Event& event) {
  auto valid = event::validate(event);
  if (valid) {
    return;
  }
  for (const base::Fault& fault : valid.error().faults) {
    const std::string member = fault.pointer.empty() ? "" : fault.pointer.substr(1);
    body.faults.add("value_error", member.empty() ? "[\"body\"]" : body_loc(member),
                    "Value error, " + fault.detail, "null");
  }
}

Error broken_json(const Error& error) {
  Validation faults;
  const bool has_place = !error.faults.empty() && !error.faults[0].pointer.empty();
  const std::string reason = error.faults.empty() ? error.message : error.faults[0].detail;
  faults.add(
      "json_invalid", "[\"body\",0]", "JSON decode error", "{}",
      "{\"error\":" + json_text(has_place ? error.faults[0].pointer + " " + reason : reason) + "}");
  return faults.error();
}

Error no_body() {
  Validation faults;
  faults.add("missing", "[\"body\"]", "Field required", "null");
  return faults.error();
}

Error no_object(const JsonValue& body) {
  Validation faults;
  faults.add("model_attributes_type", "[\"body\"]",
             "Input should be a valid dictionary or object to extract fields from",
             canonical_text(body));
  return faults.error();
}

bool is_json(const wire::Request& request) {
  std::string_view type = request.header("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  type = type.substr(0, type.find_last_not_of(" \t") + 1);
  return wire::header_name_equal(type, "application/json");
}

}  // namespace

Result<operation::Operation> decode_create(const wire::Request& request) {
  if (!is_json(request)) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "the body must be application/json",
                 .code = "unsupported_media_type"};
  }
  if (request.body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return no_body();
  }
  base::JsonParser parser;
  // params and metadata stand one level below the body.
  auto parsed = parser.parse(request.body, {.depth_max = event::kDepthMax});
  if (!parsed) {
    return broken_json(parsed.error());
  }
  if (!parsed->is(JsonKind::Object)) {
    return no_object(*parsed);
  }
  CreateBody body(*parsed);
  event::Event event = read_members(body);
  if (body.faults.empty() && event.application.id && !base::parse_uuid(*event.application.id)) {
    return Error{.kind = ErrorKind::NotFound,
                 .message = "no such application",
                 .code = "application_not_found"};
  }
  if (body.faults.empty()) {
    add_model_faults(body, event);
  }
  if (!body.faults.empty()) {
    return body.faults.error();
  }
  operation::AppendEvents append{.stamp_caller = true, .want_records = true};
  append.batch.add(event);
  return operation::Operation(std::move(append));
}

}  // namespace piperoll::dialect::antidote
