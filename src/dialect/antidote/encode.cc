#include "dialect/antidote/encode.h"

#include "base/json.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "dialect/antidote/validation.h"
#include "dialect/common/application_body.h"
#include "dialect/common/failure.h"

namespace piperoll::dialect::antidote {
namespace {

using base::JsonWriter;
using operation::Reply;

using OptionalText = std::optional<std::string_view>;

void write_optional(JsonWriter& json, std::string_view name, const OptionalText& value) {
  json.key(name);
  if (value) {
    json.string(*value);
  } else {
    json.null();
  }
}

// The shown actor: the name, else the e-mail, else the id.
OptionalText actor_of(const event::EventView& event) {
  return event.actor.name    ? event.actor.name
         : event.actor.email ? event.actor.email
                             : event.actor.id;
}

void write_application_of(JsonWriter& json, const event::EventView& event, const Reply& reply) {
  write_optional(json, "application_id", event.application.id);
  write_optional(json, "application_key", event.application.key);
  json.key("application");
  registry::Registry::ApplicationPointer application;
  if (event.application.id && reply.applications != nullptr && reply.org) {
    if (auto id = base::parse_uuid(*event.application.id)) {
      application = reply.applications->application(reply.org->id, *id);
    }
  }
  if (application) {
    write_application(json, *application);
  } else {
    json.null();
  }
}

void write_record(JsonWriter& json, const event::Record& record, const Reply& reply) {
  const event::EventView& event = record.event();
  json.begin_object();
  json.member("id", event.id);
  json.member("event_type", event.action);
  json.member("category", event.category);
  json.member("summary", event.summary.value_or(""));
  json.member("created_at", base::format_rfc3339_trimmed(record.occurred_at()));
  write_optional(json, "actor", actor_of(event));
  write_application_of(json, event, reply);
  write_optional(json, "entity_type", event.target.type);
  write_optional(json, "entity_id", event.target.id);
  json.member("severity", event::to_string(event.severity));
  json.key("params").raw(event.params.empty() ? "{}" : event.params);
  json.key("metadata").raw(event.metadata.empty() ? "{}" : event.metadata);
  write_optional(json, "ip_address", event.request.ip);
  json.end_object();
}

wire::Response record_response(const event::Record& record, const Reply& reply) {
  std::string body;
  JsonWriter json(body);
  write_record(json, record, reply);
  return wire::make_response(200, "application/json", std::move(body));
}

std::string_view code_of(int status, const base::Error& error) {
  if (error.code == "application_not_found") {
    return "APPLICATION_NOT_FOUND";
  }
  if (error.code == "event_not_found") {
    return "RECORD_NOT_FOUND";
  }
  switch (status) {
    case 400:
      return "BAD_REQUEST";
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 405:
      return "METHOD_NOT_ALLOWED";
    case 409:
      return "CONFLICT";
    case 413:
      return "PAYLOAD_TOO_LARGE";
    case 415:
      return "UNSUPPORTED_MEDIA_TYPE";
    case 429:
      return "RATE_LIMITED";
    case 503:
      return "SERVICE_UNAVAILABLE";
    default:
      return "INTERNAL_ERROR";
  }
}

}  // namespace

wire::Response error_response(int status, std::string_view code, std::string_view message) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("error").begin_object();
  json.member("code", code);
  json.member("message", message);
  json.end_object().end_object();
  wire::Response response = wire::make_response(status, "application/json", std::move(body));
  if (status == 401) {
    response.set("WWW-Authenticate", "Bearer");
  }
  add_retry_after(response);
  return response;
}

wire::Response encode_error(const base::Error& error) {
  if (error.code == kValidationCode) {
    return wire::make_response(422, "application/json", error.message);
  }
  if (error.code == "application_mismatch") {
    Validation faults;
    faults.add("value_error", body_loc("application_key"),
               "Value error, application_id and application_key name different applications",
               "null");
    return encode_error(faults.error());
  }
  const int status = http_status_of(error);
  return error_response(status, code_of(status, error), error.message);
}

wire::Response encode_created(Reply&& reply) {
  if (!reply.outcome) {
    return encode_error(reply.outcome.error());
  }
  const auto& appended = std::get<operation::Appended>(*reply.outcome);
  if (const base::Error* error = first_rejection(appended)) {
    return encode_error(*error);
  }
  if (appended.results.size() != 1 || !appended.results[0].record) {
    return encode_error(unexpected_outcome());
  }
  return record_response(*appended.results[0].record, reply);
}

wire::Response encode_got(Reply&& reply) {
  if (!reply.outcome) {
    return encode_error(reply.outcome.error());
  }
  return record_response(std::get<operation::Got>(*reply.outcome).record, reply);
}

wire::Response encode_list(const Paging& paging, Reply&& reply) {
  if (!reply.outcome) {
    return encode_error(reply.outcome.error());
  }
  const auto& found = std::get<operation::Found>(*reply.outcome);
  const std::uint64_t total = found.count.value_or(0);
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("records").begin_array();
  for (const event::Record& record : found.records) {
    write_record(json, record, reply);
  }
  json.end_array();
  json.key("total").unsigned_integer(total);
  json.key("page").unsigned_integer(paging.page);
  json.key("page_size").unsigned_integer(paging.page_size);
  json.key("total_pages").unsigned_integer((total + paging.page_size - 1) / paging.page_size);
  json.end_object();
  return wire::make_response(200, "application/json", std::move(body));
}

}  // namespace piperoll::dialect::antidote
