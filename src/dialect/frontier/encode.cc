#include "dialect/frontier/encode.h"

#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "dialect/common/failure.h"
#include "dialect/common/record_body.h"
#include "dialect/frontier/status.h"

namespace piperoll::dialect::frontier {
namespace {

constexpr char kJson[] = "application/json";

void write_party(base::JsonWriter& json, std::string_view member,
                 const std::optional<std::string_view>& id,
                 const std::optional<std::string_view>& type,
                 const std::optional<std::string_view>& name) {
  json.key(member).begin_object();
  json.member("id", id.value_or("")).member("type", type.value_or(""));
  json.member("name", name.value_or("")).end_object();
}

// Context as a map of string to string: other values are shown as their JSON text.
void write_context(base::JsonWriter& json, std::string_view context, base::JsonParser& parser) {
  json.key("context").begin_object();
  if (!context.empty()) {
    auto object = parser.parse(context);
    CHECK(object.has_value());  // it was canonical when it was stored
    for (const base::JsonMember& member : object->members()) {
      if (member.value.is(base::JsonKind::String)) {
        json.member(member.name, member.value.as_string());
        continue;
      }
      std::string text;
      base::append_canonical(text, member.value);
      json.member(member.name, text);
    }
  }
  json.end_object();
}

void write_log(std::string& out, const event::RecordView& record, base::JsonParser& parser) {
  const event::EventView& event = record.event;
  base::JsonWriter json(out);
  json.begin_object().member("id", event.id).member("source", event.source.value_or(""));
  json.member("action", event.action);
  write_party(json, "actor", event.actor.id, event.actor.type, event.actor.name);
  write_party(json, "target", event.target.id, event.target.type, event.target.name);
  write_context(json, event.context, parser);
  json.member("created_at", base::format_rfc3339_grouped(record.occurred_at())).end_object();
}

WriteRecord log_writer() {
  return
      [parser = std::make_shared<base::JsonParser>()](
          std::string& out, const event::RecordView& record) { write_log(out, record, *parser); };
}

}  // namespace

wire::Response encode_create(operation::Reply&& reply) {
  if (!reply.outcome) {
    return error_response(reply.outcome.error());
  }
  const auto* appended = std::get_if<operation::Appended>(&*reply.outcome);
  if (appended == nullptr) {
    return error_response(unexpected_outcome());
  }
  if (const base::Error* rejection = first_rejection(*appended)) {
    return error_response(*rejection);
  }
  return wire::make_response(200, kJson, "{}");
}

wire::Response encode_list(operation::Reply&& reply) {
  if (!reply.outcome) {
    return error_response(reply.outcome.error());
  }
  Frame frame{R"({"logs":[)", "]}"};
  if (const auto* found = std::get_if<operation::Found>(&*reply.outcome)) {
    return wire::make_response(200, kJson, write_records(frame, found->records, log_writer()));
  }
  auto* streamed = std::get_if<operation::Streamed>(&*reply.outcome);
  if (streamed == nullptr) {
    return error_response(unexpected_outcome());
  }
  wire::Response response = wire::make_response(200, kJson, "");
  response.stream = stream_records(std::move(frame), std::move(streamed->stream), log_writer());
  return response;
}

wire::Response encode_get(operation::Reply&& reply) {
  if (!reply.outcome) {
    return error_response(reply.outcome.error());
  }
  const auto* got = std::get_if<operation::Got>(&*reply.outcome);
  if (got == nullptr) {
    return error_response(unexpected_outcome());
  }
  std::string body = R"({"log":)";
  log_writer()(body, event::view_of(got->record));
  return wire::make_response(200, kJson, body += "}");
}

}  // namespace piperoll::dialect::frontier
