#include "dialect/frontier/create_message.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/timestamp.h"

namespace piperoll::dialect::frontier {
namespace {

using base::JsonKind;
using base::JsonValue;

// Deeper than any message we know; what is ignored may be nested too.
constexpr std::size_t kDepthMax = 100;

base::Error refused(std::string message) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(message)};
}

base::Error wrong_type(std::string_view field, std::string_view wanted) {
  return refused("invalid value for field " + std::string(field) + ": want " + std::string(wanted));
}

// The first JSON value of a text: an object or array up to the bracket that closes it, anything
// else whole. What is inside is left to the parser.
std::string_view first_value(std::string_view text) {
  std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(start);
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      i += c == '\\' ? 1 : 0;
      in_string = c != '"';
      continue;
    }
    in_string = c == '"';
    depth += c == '{' || c == '[' ? 1 : 0;
    depth -= c == '}' || c == ']' ? 1 : 0;
    if (depth == 0 && (c == '}' || c == ']')) {
      return text.substr(0, i + 1);
    }
  }
  return text;
}

// A member under its name in the .proto file or its JSON name; null counts as absent.
class Message {
 public:
  // REQUIRES: an object.
  explicit Message(const JsonValue& value) : value_(value) {}

  base::Result<std::optional<JsonValue>> field(std::string_view proto_name,
                                               std::string_view json_name) const {
    JsonValue one, other;
    bool has_one = value_.find(proto_name, one);
    bool has_other = json_name != proto_name && value_.find(json_name, other);
    if (has_one && has_other) {
      return refused("duplicate field \"" + std::string(json_name) + "\"");
    }
    JsonValue found = has_one ? one : other;
    if ((!has_one && !has_other) || found.is(JsonKind::Null)) {
      return std::optional<JsonValue>();
    }
    return std::optional(found);
  }

  base::Result<std::string> text(std::string_view name, std::string_view json_name) const {
    ASSIGN_OR_RETURN(std::optional<JsonValue> found, field(name, json_name));
    if (!found) {
      return std::string();
    }
    if (!found->is(JsonKind::String)) {
      return wrong_type(name, "a string");
    }
    return std::string(found->as_string());
  }
  base::Result<std::string> text(std::string_view name) const { return text(name, name); }

  base::Result<std::optional<JsonValue>> object(std::string_view name) const {
    ASSIGN_OR_RETURN(std::optional<JsonValue> found, field(name, name));
    if (found && !found->is(JsonKind::Object)) {
      return wrong_type(name, "an object");
    }
    return found;
  }

 private:
  JsonValue value_;
};

// As in proto3, an empty string is absence.
std::optional<std::string> absent_if_empty(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

// id, type and name of an actor or a target.
template <class Party>
base::Result<void> read_party(const Message& log, std::string_view name, Party& party) {
  ASSIGN_OR_RETURN(std::optional<JsonValue> found, log.object(name));
  if (!found) {
    return {};
  }
  Message message(*found);
  ASSIGN_OR_RETURN(std::string id, message.text("id"));
  ASSIGN_OR_RETURN(std::string type, message.text("type"));
  ASSIGN_OR_RETURN(std::string party_name, message.text("name"));
  party.id = absent_if_empty(std::move(id));
  party.type = absent_if_empty(std::move(type));
  party.name = absent_if_empty(std::move(party_name));
  return {};
}

// A map of string to string, as canonical JSON; "" if empty.
base::Result<std::string> read_context(const Message& log) {
  ASSIGN_OR_RETURN(std::optional<JsonValue> found, log.object("context"));
  if (!found) {
    return std::string();
  }
  for (const base::JsonMember& member : found->members()) {
    if (!member.value.is(JsonKind::String)) {
      return wrong_type("context", "strings as values");
    }
  }
  std::string canonical;
  base::append_canonical(canonical, *found);
  return canonical == "{}" ? std::string() : canonical;
}

base::Result<std::optional<base::Timestamp>> read_created_at(const Message& log) {
  ASSIGN_OR_RETURN(std::optional<JsonValue> found, log.field("created_at", "createdAt"));
  if (!found) {
    return std::optional<base::Timestamp>();
  }
  if (!found->is(JsonKind::String)) {
    return wrong_type("created_at", "a string");
  }
  auto time = base::parse_rfc3339(found->as_string());
  if (!time) {
    return wrong_type("created_at", "an RFC 3339 time of the years 1970 to 9999");
  }
  return std::optional(*time);
}

base::Result<event::Event> read_log(const JsonValue& value) {
  if (!value.is(JsonKind::Object)) {
    return wrong_type("logs", "objects");
  }
  Message log(value);
  ASSIGN_OR_RETURN(std::string action, log.text("action"));
  event::Event event = event::make_event(std::move(action));
  ASSIGN_OR_RETURN(event.id, log.text("id"));
  ASSIGN_OR_RETURN(std::string source, log.text("source"));
  event.source = std::move(source);
  RETURN_IF_ERROR(read_party(log, "actor", event.actor));
  RETURN_IF_ERROR(read_party(log, "target", event.target));
  ASSIGN_OR_RETURN(event.context, read_context(log));
  ASSIGN_OR_RETURN(event.occurred_at, read_created_at(log));
  return event;
}

}  // namespace

base::Result<std::vector<event::Event>> read_create_message(std::string_view body) {
  std::vector<event::Event> events;
  std::string_view text = first_value(body);
  if (text.empty()) {
    return events;
  }
  base::JsonParser parser;
  ASSIGN_OR_RETURN(JsonValue root, parser.parse(text, {.depth_max = kDepthMax}));
  if (!root.is(JsonKind::Object)) {
    return refused("the body must be a JSON object");
  }
  Message message(root);
  // The path decides the organisation; the one in the body only has to be a string.
  ASSIGN_OR_RETURN(std::string ignored, message.text("org_id", "orgId"));
  ASSIGN_OR_RETURN(std::optional<JsonValue> logs, message.field("logs", "logs"));
  if (!logs) {
    return events;
  }
  if (!logs->is(JsonKind::Array)) {
    return wrong_type("logs", "an array");
  }
  for (const JsonValue& log : logs->elements()) {
    ASSIGN_OR_RETURN(event::Event event, read_log(log));
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace piperoll::dialect::frontier
