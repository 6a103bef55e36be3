#include "dialect/nirvana/encode.h"

#include <algorithm>

#include "base/json.h"
#include "base/timestamp.h"
#include "dialect/common/failure.h"
#include "dialect/nirvana/decode.h"

namespace piperoll::dialect::nirvana {
namespace {

using base::JsonWriter;
using operation::Reply;

std::string_view actor_type(const event::EventView& event) {
  const auto& keys = api_key_types();
  const bool is_key =
      event.actor.type && std::find(keys.begin(), keys.end(), *event.actor.type) != keys.end();
  return is_key ? "api_key" : "user";
}

void write_audit_log(JsonWriter& json, const event::Record& record) {
  const event::EventView& event = record.event();
  json.begin_object();
  json.member("id", event.id);
  json.member("action", event.action);
  json.key("actor").begin_object();
  json.member("id", event.actor.id.value_or(""));
  json.member("name", event.actor.name.value_or(""));
  json.member("type", actor_type(event));
  json.end_object();
  json.member("client_ip", event.request.ip.value_or(""));
  json.member("created_at", base::format_rfc3339_trimmed(record.occurred_at()));
  json.member("method", event.request.method.value_or(""));
  json.member("path", event.request.path.value_or(""));
  json.key("status_code").integer(event.request.status_code.value_or(0));
  json.member("user_agent", event.request.user_agent.value_or(""));
  if (event.target.id || event.target.type) {
    json.key("target").begin_object();
    json.member("id", event.target.id.value_or(""));
    json.member("type", event.target.type.value_or(""));
    json.end_object();
  }
  json.end_object();
}

void write_cursor(JsonWriter& json, std::string_view name,
                  const std::optional<std::string>& cursor) {
  json.key(name);
  if (cursor) {
    json.string(*cursor);
  } else {
    json.null();
  }
}

// The client's library repeats these, and may be right to.
bool worth_retrying(int status) {
  return status == 408 || status == 409 || status == 429 || status >= 500;
}

}  // namespace

wire::Response error_response(int status, std::string_view message) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("message", message).end_object();
  wire::Response response = wire::make_response(status, "application/json", std::move(body));
  if (!worth_retrying(status)) {
    response.set("x-should-retry", "false");
  }
  if (status == 401) {
    response.set("WWW-Authenticate", "Bearer");
  }
  add_retry_after(response);
  return response;
}

wire::Response encode_error(const base::Error& error) {
  return error_response(http_status_of(error), error.message);
}

wire::Response encode_list(Reply&& reply) {
  if (!reply.outcome) {
    return encode_error(reply.outcome.error());
  }
  const auto& found = std::get<operation::Found>(*reply.outcome);
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("items").begin_array();
  for (const event::Record& record : found.records) {
    write_audit_log(json, record);
  }
  json.end_array();
  json.key("pagination").begin_object();
  write_cursor(json, "next_cursor", found.next_cursor);
  write_cursor(json, "previous_cursor", found.previous_cursor);
  json.key("total_count").unsigned_integer(found.count.value_or(0));
  json.end_object().end_object();
  return wire::make_response(200, "application/json", std::move(body));
}

wire::Response encode_get(Reply&& reply) {
  if (!reply.outcome) {
    return encode_error(reply.outcome.error());
  }
  std::string body;
  JsonWriter json(body);
  write_audit_log(json, std::get<operation::Got>(*reply.outcome).record);
  return wire::make_response(200, "application/json", std::move(body));
}

}  // namespace piperoll::dialect::nirvana
