#include "dialect/native/append.h"

#include <optional>

#include "base/json.h"
#include "base/json_cursor.h"
#include "base/timestamp.h"
#include "dialect/native/problem.h"
#include "event/event_json.h"
#include "event/event_limits.h"
#include "event/event_reader.h"

namespace piperoll::dialect::native {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::Result;

constexpr std::string_view kBlank = " \t\r\n";

Error too_many_events() {
  return {.kind = ErrorKind::TooLarge,
          .message = "a request takes at most " + std::to_string(kBatchEventsMax) + " events",
          .code = "too_many_events"};
}

Error empty_body() {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "the body is empty: send one event as a JSON object, or several as an array",
          .code = "empty_body"};
}

// The parser of this thread: its buffers are worth keeping.
base::JsonParser& parser() {
  thread_local base::JsonParser parser;
  return parser;
}

// The raw text of each element of an array whose syntax is known to be good.
std::vector<std::string_view> split_elements(std::string_view array) {
  std::vector<std::string_view> elements;
  std::size_t depth = 0;
  std::size_t begin = array.find('[') + 1;
  bool in_string = false;
  for (std::size_t i = begin; i < array.size(); ++i) {
    const char c = array[i];
    if (in_string) {
      i += c == '\\' ? 1 : 0;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == ',' || c == ']') && depth == 0) {
      std::string_view element = array.substr(begin, i - begin);
      if (element.find_first_not_of(kBlank) != std::string_view::npos) {
        elements.push_back(element);
      }
      begin = i + 1;
      if (c == ']') {
        break;
      }
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return elements;
}

event::EventReader& reader() {
  thread_local event::EventReader reader;
  return reader;
}

Result<event::EncodedEvent> read_value(const JsonValue& value, base::Bytes& arena) {
  ASSIGN_OR_RETURN(const event::Event event, event::read_event(value));
  return event::add_encoded(arena, event::view_of(event));
}

// Room for a batch from a text of so many bytes: an encoded event takes about half of its JSON.
void reserve(event::EventBatch& batch, std::size_t events, std::size_t text_bytes) {
  batch.events.reserve(events);
  batch.arena.reserve(text_bytes / 2 + text_bytes / 8);
}

Result<AppendBody> read_texts(const std::vector<std::string_view>& texts, std::size_t text_bytes) {
  if (texts.size() > kBatchEventsMax) {
    return too_many_events();
  }
  AppendBody body{.batch = true};
  body.events.atomic = false;
  event::EventBatch& batch = body.events.batch;
  reserve(batch, texts.size(), text_bytes);
  for (std::string_view text : texts) {
    batch.events.push_back(reader().read(text, batch.arena));
  }
  return body;
}

Result<AppendBody> read_ndjson(std::string_view text) {
  const std::size_t text_bytes = text.size();
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(kBlank) != std::string_view::npos) {
      lines.push_back(line);
    }
  }
  return read_texts(lines, text_bytes);
}

Result<AppendBody> read_elements(const JsonValue& array, std::size_t text_bytes) {
  std::vector<JsonValue> elements = array.elements();
  if (elements.size() > kBatchEventsMax) {
    return too_many_events();
  }
  AppendBody body{.batch = true};
  body.events.atomic = false;
  event::EventBatch& batch = body.events.batch;
  reserve(batch, elements.size(), text_bytes);
  for (const JsonValue& element : elements) {
    batch.events.push_back(read_value(element, batch.arena));
  }
  return body;
}

// {"events":[…]} and nothing else.
Result<AppendBody> read_wrapped(const JsonValue& object, const JsonValue& events,
                                std::size_t text_bytes) {
  for (const base::JsonMember& member : object.members()) {
    if (member.name != "events") {
      return Error{
          .kind = ErrorKind::InvalidArgument,
          .message = "a batch has the one member \"events\"",
          .code = "invalid_batch",
          .faults = {{base::pointer_join("", member.name), "is not allowed beside \"events\""}}};
    }
  }
  if (!events.is(JsonKind::Array)) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "\"events\" must be an array of events",
                 .code = "invalid_batch",
                 .faults = {{"/events", "must be an array of events"}}};
  }
  return read_elements(events, text_bytes);
}

// The elements of the array at the cursor, where all are certain to be good.
bool take_elements(base::JsonCursor& cursor, event::EventBatch& batch) {
  if (!cursor.take('[')) {
    return false;
  }
  if (cursor.take(']')) {
    return true;
  }
  do {
    const auto taken = reader().take(cursor, batch.arena);
    if (!taken || batch.events.size() == kBatchEventsMax) {
      return false;
    }
    batch.events.emplace_back(*taken);
  } while (cursor.take(','));
  return cursor.take(']');
}

// A whole body without anything odd in it, in one pass. Nothing: it must be looked at as a whole.
std::optional<AppendBody> take_json(std::string_view text) {
  AppendBody body;
  event::EventBatch& batch = body.events.batch;
  reserve(batch, 1, text.size());
  base::JsonCursor cursor(text);
  if (const auto event = reader().take(cursor, batch.arena); event && cursor.at_end()) {
    body.events.atomic = true;
    batch.events.emplace_back(*event);
    return body;
  }
  batch.arena.clear();
  body.batch = true;
  body.events.atomic = false;
  cursor = base::JsonCursor(text);
  std::string_view name;
  const bool wrapped =
      cursor.take('{') && cursor.string(name) && name == "events" && cursor.take(':');
  if (!wrapped) {
    cursor = base::JsonCursor(text);
  }
  if (take_elements(cursor, batch) && (!wrapped || cursor.take('}')) && cursor.at_end()) {
    return body;
  }
  return std::nullopt;
}

Result<AppendBody> read_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return empty_body();
  }
  if (auto taken = take_json(text)) {
    return *std::move(taken);
  }
  // An event inside {"events":[…]} stands two levels deeper than one alone.
  const bool array = text[first] == '[';
  auto parsed = parser().parse(text, {.depth_max = event::kDepthMax + 2});
  if (!parsed) {
    // Rules that one event breaks (a name twice, an integer too large) refuse that event alone.
    if (array && parsed.error().code == "invalid_json") {
      return read_texts(split_elements(text), text.size());
    }
    return std::move(parsed).error();
  }
  if (parsed->is(JsonKind::Array)) {
    return read_elements(*parsed, text.size());
  }
  JsonValue events;
  if (parsed->is(JsonKind::Object) && parsed->find("events", events)) {
    return read_wrapped(*parsed, events, text.size());
  }
  AppendBody body;
  body.events.atomic = true;
  event::EventBatch& batch = body.events.batch;
  batch.events.push_back(read_value(*parsed, batch.arena));
  return body;
}

std::string_view name_of(operation::AppendResult::Kind kind) {
  switch (kind) {
    case operation::AppendResult::Kind::Stored:
      return "stored";
    case operation::AppendResult::Kind::Duplicate:
      return "duplicate";
    case operation::AppendResult::Kind::Rejected:
      return "rejected";
    case operation::AppendResult::Kind::Aborted:
      return "aborted";
  }
  return "rejected";
}

wire::Response encode_single(const AppendAnswer& answer, const operation::AppendResult& result,
                             const base::Uuid& org) {
  if (result.error) {
    return problem(*result.error, answer.request_id);
  }
  std::string body;
  base::JsonWriter json(body);
  json.begin_object();
  json.member("id", result.id);
  json.key("seq").unsigned_integer(result.seq);
  json.member("org_id", org.to_string());
  json.member("recorded_at", base::format_rfc3339(result.recorded_at));
  json.member("result", name_of(result.kind));
  json.end_object();
  const bool stored = result.kind == operation::AppendResult::Kind::Stored;
  return wire::make_response(stored ? 201 : 200, "application/json", std::move(body));
}

void write_result(base::JsonWriter& json, std::size_t index,
                  const operation::AppendResult& result) {
  using Kind = operation::AppendResult::Kind;
  json.begin_object();
  json.key("index").unsigned_integer(index);
  json.member("result", name_of(result.kind));
  if (!result.id.empty()) {
    json.member("id", result.id);
  }
  if (result.kind == Kind::Stored || result.kind == Kind::Duplicate) {
    json.key("seq").unsigned_integer(result.seq);
  }
  if (result.error) {
    json.key("error");
    write_error(json, *result.error);
  }
  json.end_object();
}

struct Counts {
  std::uint64_t stored = 0, duplicate = 0, rejected = 0;
};

Counts count(const operation::Appended& appended) {
  Counts counts;
  for (const operation::AppendResult& result : appended.results) {
    counts.stored += result.kind == operation::AppendResult::Kind::Stored ? 1 : 0;
    counts.duplicate += result.kind == operation::AppendResult::Kind::Duplicate ? 1 : 0;
    counts.rejected += result.kind == operation::AppendResult::Kind::Rejected ? 1 : 0;
  }
  return counts;
}

}  // namespace

Result<BodyForm> body_form(const wire::Request& request) {
  std::string_view type = request.header("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  type = type.substr(0, type.find_last_not_of(kBlank) + 1);
  if (wire::header_name_equal(type, "application/json")) {
    return BodyForm::Json;
  }
  for (std::string_view ndjson : {"application/x-ndjson", "application/ndjson", "application/jsonl",
                                  "application/x-jsonlines"}) {
    if (wire::header_name_equal(type, ndjson)) {
      return BodyForm::Ndjson;
    }
  }
  return Error{.kind = ErrorKind::InvalidArgument,
               .message = "Content-Type must be application/json or application/x-ndjson",
               .code = "unsupported_media_type"};
}

Result<AppendBody> read_append_body(BodyForm form, std::string_view body) {
  return form == BodyForm::Ndjson ? read_ndjson(body) : read_json(body);
}

wire::Response encode_appended(const AppendAnswer& answer, const operation::Appended& appended,
                               const base::Uuid& org) {
  if (!answer.batch) {
    return encode_single(answer, appended.results.at(0), org);
  }
  const Counts counts = count(appended);
  std::string body;
  body.reserve(64 + appended.results.size() * (answer.errors_only ? 0 : 96));
  base::JsonWriter json(body);
  json.begin_object();
  json.key("stored").unsigned_integer(counts.stored);
  json.key("duplicate").unsigned_integer(counts.duplicate);
  json.key("rejected").unsigned_integer(counts.rejected);
  json.key("results").begin_array();
  for (std::size_t i = 0; i < appended.results.size(); ++i) {
    if (!answer.errors_only ||
        appended.results[i].kind == operation::AppendResult::Kind::Rejected) {
      write_result(json, i, appended.results[i]);
    }
  }
  json.end_array().end_object();
  const int status = answer.atomic && counts.rejected > 0 ? 422 : 200;
  return wire::make_response(status, "application/json", std::move(body));
}

}  // namespace piperoll::dialect::native
