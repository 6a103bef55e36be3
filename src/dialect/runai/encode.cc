#include "dialect/runai/encode.h"

#include <optional>
#include <string>

#include "base/json.h"
#include "dialect/common/failure.h"
#include "dialect/common/json_object.h"
#include "dialect/common/record_body.h"
#include "dialect/runai/error_body.h"

namespace piperoll::dialect::runai {
namespace {

using MaybeText = std::optional<std::string_view>;

// What is absent is left out, never null.
void write_text(base::JsonWriter& json, std::string_view name, const MaybeText& value) {
  if (value) {
    json.member(name, *value);
  }
}

void write_object(base::JsonWriter& json, std::string_view name, std::string_view object) {
  if (!object.empty()) {
    json.key(name).raw(object);
  }
}

void write_log(std::string& out, const event::RecordView& record, std::int32_t tenant_id) {
  const event::EventView& event = record.event;
  base::JsonWriter json(out);
  json.begin_object().key("id").unsigned_integer(record.seq() + 1);
  write_text(json, "clusterUuid", event.cluster_id);
  json.key("tenantId").integer(tenant_id);
  json.member("happenedAt", base::format_rfc3339_millis(record.occurred_at()));
  json.member("action", event.action).member("version", event.version);
  write_text(json, "entityId", event.target.id);
  write_text(json, "entityType", event.target.type);
  write_text(json, "entityName", event.target.name);
  write_text(json, "sourceType", event.actor.type);
  write_text(json, "sourceId", event.actor.id);
  write_text(json, "sourceName", event.actor.name ? event.actor.name : event.actor.email);
  write_text(json, "error", event.error);
  write_object(json, "context",
               with_members(event.context, {{"ip_address", event.request.ip},
                                            {"user_agent", event.request.user_agent}}));
  write_object(json, "body", event.params);
  json.end_object();
}

}  // namespace

wire::Response encode_logs(operation::Reply&& reply, bool download) {
  if (!reply.outcome) {
    return error_body(reply.outcome.error());
  }
  const auto* found = std::get_if<operation::Found>(&*reply.outcome);
  if (found == nullptr || !reply.org) {
    return error_body(unexpected_outcome());
  }
  auto write = [tenant_id = reply.org->tenant_id](std::string& out,
                                                  const event::RecordView& record) {
    write_log(out, record, tenant_id);
  };
  wire::Response response = wire::make_response(200, "application/json",
                                                write_records({"[", "]"}, found->records, write));
  if (download) {
    response.set("Content-Disposition", "attachment; filename=logs.json");
  }
  return response;
}

}  // namespace piperoll::dialect::runai
