#include "cli/import_formats.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/uuid.h"
#include "cli/import_values.h"
#include "crypto/sha256.h"
#include "event/event_json.h"
#include "event/event_limits.h"
#include "event/event_validate.h"
#include "evidence/withheld.h"

namespace piperoll::cli {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::Result;
using event::Event;
using event::Status;

Error bad_line(std::string pointer, std::string detail) {
  Error error{.kind = ErrorKind::InvalidArgument,
              .message = pointer + " " + detail,
              .code = "invalid_event"};
  error.faults.push_back({std::move(pointer), std::move(detail)});
  return error;
}

// The same line at the same place of the same file is the same event, whether the file is
// compressed or not. A UUID of version 7 as the server makes them, but for the bits that are random
// there: they are a digest.
std::string id_of_line(const LinePlace& place, std::string_view line, std::size_t index,
                       const std::optional<base::Timestamp>& occurred_at) {
  std::string_view name = place.file;
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (name.ends_with(ending)) {
      name.remove_suffix(ending.size());
    }
  }
  std::string text(name);
  text.push_back('\0');
  text += std::to_string(place.line_number) + " " + std::to_string(index) + " ";
  const crypto::Sha256Digest digest = crypto::sha256(text.append(line));
  base::Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  const auto millis = static_cast<std::uint64_t>(occurred_at ? occurred_at->micros / 1'000 : 0);
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x70);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id.to_string();
}

std::optional<std::string> ip_at(const JsonValue& object,
                                 std::initializer_list<std::string_view> path) {
  auto text = text_at(object, path, 64);
  auto ip = text ? base::canonical_ip(*text) : Result<std::string>(Error{});
  return ip ? std::optional(*std::move(ip)) : std::nullopt;
}

Result<std::optional<base::Timestamp>> time_at(const JsonValue& object, std::string_view name) {
  auto text = text_at(object, {name}, 64);
  if (!text) {
    return std::optional<base::Timestamp>();
  }
  auto time = base::parse_rfc3339(*text);
  if (!time) {
    return bad_line("/" + std::string(name), "must be an RFC 3339 time, is \"" + *text + "\"");
  }
  return std::optional(*time);
}

// Frontier: {id, source, action, actor, target, context, created_at}; "" is absence.
Result<Event> read_frontier(const JsonValue& line) {
  Event event = event::make_event(text_at(line, {"action"}, event::kActionMax).value_or(""));
  event.id = text_at(line, {"id"}, event::kIdMax).value_or("");
  event.source = text_at(line, {"source"}, event::kSourceMax);
  event.actor.id = text_at(line, {"actor", "id"}, event::kPartyIdMax);
  event.actor.type = text_at(line, {"actor", "type"}, event::kPartyTypeMax);
  event.actor.name = text_at(line, {"actor", "name"}, event::kPartyNameMax);
  event.target.id = text_at(line, {"target", "id"}, event::kPartyIdMax);
  event.target.type = text_at(line, {"target", "type"}, event::kPartyTypeMax);
  event.target.name = text_at(line, {"target", "name"}, event::kPartyNameMax);
  event.context = object_at(line, {"context"});
  event.metadata = rest_of(line, {"id", "source", "action", "actor", "target", "context",
                                  "created_at", "createdAt", "org_id"});
  ASSIGN_OR_RETURN(event.occurred_at, time_at(line, "created_at"));
  if (!event.occurred_at) {
    ASSIGN_OR_RETURN(event.occurred_at, time_at(line, "createdAt"));
  }
  return event;
}

// "ec2.amazonaws.com" + "RunInstances" -> "ec2.RunInstances".
std::string cloudtrail_action(const JsonValue& line) {
  std::string service = text_at(line, {"eventSource"}, 64).value_or("");
  service = service.substr(0, service.find('.'));
  std::string name = text_at(line, {"eventName"}, event::kActionMax).value_or("");
  return service.empty() || name.empty() ? name
                                         : cut_code_points(service + "." + name, event::kActionMax);
}

void fill_cloudtrail_target(const JsonValue& line, Event& event) {
  auto resources = value_at(line, {"resources"});
  if (!resources || !resources->is(JsonKind::Array)) {
    return;
  }
  auto all = resources->elements();
  if (!all.empty() && all[0].is(JsonKind::Object)) {
    event.target.id = text_at(all[0], {"ARN"}, event::kPartyIdMax);
    event.target.type = text_at(all[0], {"type"}, event::kPartyTypeMax);
  }
}

Result<Event> read_cloudtrail(const JsonValue& line) {
  Event event = event::make_event(cloudtrail_action(line));
  event.id = text_at(line, {"eventID"}, event::kIdMax).value_or("");
  event.source = text_at(line, {"eventSource"}, event::kSourceMax);
  event.category = text_at(line, {"eventCategory"}, event::kCategoryMax).value_or("general");
  event.version = text_at(line, {"eventVersion"}, event::kVersionMax).value_or("1");
  ASSIGN_OR_RETURN(event.occurred_at, time_at(line, "eventTime"));
  auto code = text_at(line, {"errorCode"}, 1024);
  auto message = text_at(line, {"errorMessage"}, event::kErrorMax - 1030);
  if (code || message) {
    event.error = code.value_or("Error") + (message ? ": " + *message : "");
    event.status = Status::Failure;
  }
  event.actor.id = text_at(line, {"userIdentity", "arn"}, event::kPartyIdMax);
  if (!event.actor.id) {
    event.actor.id = text_at(line, {"userIdentity", "principalId"}, event::kPartyIdMax);
  }
  event.actor.type = text_at(line, {"userIdentity", "type"}, event::kPartyTypeMax);
  event.actor.name = text_at(line, {"userIdentity", "userName"}, event::kPartyNameMax);
  fill_cloudtrail_target(line, event);
  event.request.id = text_at(line, {"requestID"}, event::kRequestIdMax);
  event.request.ip = ip_at(line, {"sourceIPAddress"});
  event.request.user_agent = text_at(line, {"userAgent"}, event::kUserAgentMax);
  event.params = object_at(line, {"requestParameters"});
  event.metadata = rest_of(
      line, {"eventID", "eventSource", "eventName", "eventCategory", "eventVersion", "eventTime",
             "errorCode", "errorMessage", "requestID", "userAgent", "requestParameters"});
  return event;
}

Status kubernetes_status(const JsonValue& line, std::optional<std::uint16_t> code) {
  const std::string stage = text_at(line, {"stage"}, 32).value_or("");
  if (stage == "RequestReceived") {
    return Status::Intent;
  }
  return stage == "Panic" || (code && *code >= 400) ? Status::Failure : Status::Success;
}

// "pods" + "create" -> "pods.create"; "pods/log.get"; without an object the verb alone.
std::string kubernetes_action(const JsonValue& line) {
  std::string verb = text_at(line, {"verb"}, 64).value_or("");
  auto resource = text_at(line, {"objectRef", "resource"}, 63);
  auto subresource = text_at(line, {"objectRef", "subresource"}, 63);
  if (!resource) {
    return verb;
  }
  return cut_code_points(*resource + (subresource ? "/" + *subresource : "") + "." + verb,
                         event::kActionMax);
}

void fill_kubernetes_request(const JsonValue& line, Event& event) {
  event.request.id = text_at(line, {"auditID"}, event::kRequestIdMax);
  event.request.path = text_at(line, {"requestURI"}, event::kPathMax);
  event.request.user_agent = text_at(line, {"userAgent"}, event::kUserAgentMax);
  auto code = value_at(line, {"responseStatus", "code"});
  if (code && code->is(JsonKind::Integer) && code->as_integer() >= event::kStatusCodeMin &&
      code->as_integer() <= event::kStatusCodeMax) {
    event.request.status_code = static_cast<std::uint16_t>(code->as_integer());
  }
  auto ips = value_at(line, {"sourceIPs"});
  if (ips && ips->is(JsonKind::Array) && !ips->elements().empty()) {
    // All but the last can be written by the client.
    JsonValue last = ips->elements().back();
    auto ip = last.is(JsonKind::String) ? base::canonical_ip(last.as_string())
                                        : Result<std::string>(Error{});
    if (ip) {
      event.request.ip = *std::move(ip);
    }
  }
}

Result<Event> read_kubernetes(const JsonValue& line) {
  Event event = event::make_event(kubernetes_action(line));
  auto audit_id = text_at(line, {"auditID"}, 100);
  auto stage = text_at(line, {"stage"}, 24);
  if (audit_id) {
    event.id = *audit_id + (stage ? ":" + *stage : "");
    if (auto uuid = base::parse_uuid(*audit_id)) {
      event.commit_id = uuid->to_string();
    }
  }
  event.source = "kubernetes";
  event.category = "kubernetes";
  ASSIGN_OR_RETURN(event.occurred_at, time_at(line, "stageTimestamp"));
  if (!event.occurred_at) {
    ASSIGN_OR_RETURN(event.occurred_at, time_at(line, "requestReceivedTimestamp"));
  }
  event.actor.name = text_at(line, {"user", "username"}, event::kPartyNameMax);
  event.actor.id = text_at(line, {"user", "uid"}, event::kPartyIdMax);
  if (!event.actor.id) {
    event.actor.id = event.actor.name;
  }
  event.actor.type = event.actor.name.value_or("").starts_with("system:serviceaccount:")
                         ? "serviceaccount"
                         : "user";
  auto name_space = text_at(line, {"objectRef", "namespace"}, 100);
  event.target.type = text_at(line, {"objectRef", "resource"}, event::kPartyTypeMax);
  event.target.name = text_at(line, {"objectRef", "name"}, event::kPartyNameMax);
  if (event.target.name) {
    event.target.id = cut_code_points((name_space ? *name_space + "/" : "") + *event.target.name,
                                      event::kPartyIdMax);
  }
  fill_kubernetes_request(line, event);
  event.status = kubernetes_status(line, event.request.status_code);
  if (event.status == Status::Failure) {
    event.error = text_at(line, {"responseStatus", "message"}, event::kErrorMax);
    if (!event.error) {
      event.error = text_at(line, {"responseStatus", "reason"}, event::kErrorMax);
    }
  }
  event.params = object_at(line, {"requestObject"});
  event.metadata = rest_of(line, {"auditID", "requestURI", "userAgent", "requestObject",
                                  "stageTimestamp", "apiVersion", "kind"});
  return event;
}

// {"event":{…}} around a record, as collectors write it.
JsonValue unwrapped(const JsonValue& line) {
  auto inner = value_at(line, {"event"});
  return inner && inner->is(JsonKind::Object) ? *inner : line;
}

std::vector<JsonValue> records_of(ImportFormat format, const JsonValue& line) {
  const char* list = format == ImportFormat::CloudTrail   ? "Records"
                     : format == ImportFormat::Kubernetes ? "items"
                                                          : nullptr;
  JsonValue record = list == nullptr ? line : unwrapped(line);
  if (list != nullptr) {
    auto many = value_at(record, {list});
    if (many && many->is(JsonKind::Array)) {
      return many->elements();
    }
  }
  return {record};
}

Result<Event> read_one(ImportFormat format, const JsonValue& record) {
  if (!record.is(JsonKind::Object)) {
    return bad_line("", "must be a JSON object");
  }
  switch (format) {
    case ImportFormat::Native:
      return event::read_event(record, event::ServerMembers::Ignore);
    case ImportFormat::Frontier:
      return read_frontier(record);
    case ImportFormat::CloudTrail:
      return read_cloudtrail(record);
    case ImportFormat::Kubernetes:
      return read_kubernetes(record);
  }
  return bad_line("", "has an unknown format");
}

}  // namespace

std::optional<ImportFormat> parse_import_format(std::string_view name) {
  if (name == "native") {
    return ImportFormat::Native;
  }
  if (name == "frontier") {
    return ImportFormat::Frontier;
  }
  if (name == "cloudtrail") {
    return ImportFormat::CloudTrail;
  }
  if (name == "k8s") {
    return ImportFormat::Kubernetes;
  }
  return std::nullopt;
}

Result<std::vector<Event>> read_import_line(ImportFormat format, base::JsonParser& parser,
                                            std::string_view line, const LinePlace& place) {
  // Foreign records may nest deeper than an event; what is too deep once mapped is refused then.
  constexpr std::size_t kForeignDepthMax = 64;
  const std::size_t depth = format == ImportFormat::Native ? event::kDepthMax : kForeignDepthMax;
  ASSIGN_OR_RETURN(JsonValue parsed, parser.parse(line, {.depth_max = depth}));
  std::vector<Event> events;
  if (format == ImportFormat::Native &&
      (value_at(parsed, {"piperoll_export"}) || value_at(parsed, {evidence::kWithheldMember}))) {
    return events;
  }
  std::size_t index = 0;
  for (const JsonValue& record : records_of(format, parsed)) {
    ASSIGN_OR_RETURN(Event event, read_one(format, record));
    if (event.id.empty()) {
      event.id = id_of_line(place, line, index, event.occurred_at);
    }
    if (format != ImportFormat::Native) {  // read_event has checked those
      RETURN_IF_ERROR(event::validate(event));
    }
    events.push_back(std::move(event));
    ++index;
  }
  return events;
}

}  // namespace piperoll::cli
