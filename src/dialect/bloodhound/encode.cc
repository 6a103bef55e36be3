#include "dialect/bloodhound/encode.h"

#include <string>
#include <utility>

#include "base/json.h"
#include "dialect/common/failure.h"
#include "dialect/common/json_object.h"
#include "dialect/common/record_body.h"

namespace piperoll::dialect::bloodhound {
namespace {

constexpr std::string_view kNoCommit = "00000000-0000-0000-0000-000000000000";
constexpr char kJson[] = "application/json";

void write_row(std::string& out, const event::RecordView& record) {
  const event::EventView& event = record.event;
  std::string fields = with_members(event.params, {{"error", event.error}});
  base::JsonWriter json(out);
  json.begin_object().key("id").unsigned_integer(record.seq() + 1);
  json.member("created_at", base::format_rfc3339_trimmed(record.occurred_at()));
  json.member("actor_id", event.actor.id.value_or(""));
  json.member("actor_name", event.actor.name.value_or(""));
  json.member("actor_email", event.actor.email.value_or(""));
  json.member("action", event.action);
  json.key("fields").raw(fields.empty() ? "null" : fields);
  json.member("request_id", event.request.id.value_or(""));
  json.member("source_ip_address", event.request.ip.value_or(""));
  json.member("commit_id", event.commit_id.value_or(kNoCommit));
  json.member("status", event::to_string(event.status)).end_object();
}

Frame frame_of(std::uint64_t count, const PageEcho& echo) {
  return {R"({"count":)" + std::to_string(count) + R"(,"limit":)" + std::to_string(echo.limit) +
              R"(,"skip":)" + std::to_string(echo.skip) + R"(,"data":{"logs":[)",
          "]}}"};
}

}  // namespace

wire::Response encode_page(operation::Reply&& reply, const PageEcho& echo,
                           const ErrorContext& context) {
  if (!reply.outcome) {
    return error_body(context, reply.outcome.error());
  }
  if (const auto* found = std::get_if<operation::Found>(&*reply.outcome)) {
    Frame frame = frame_of(found->count.value_or(0), echo);
    return wire::make_response(200, kJson, write_records(frame, found->records, write_row));
  }
  auto* streamed = std::get_if<operation::Streamed>(&*reply.outcome);
  if (streamed == nullptr) {
    return error_body(context, unexpected_outcome());
  }
  wire::Response response = wire::make_response(200, kJson, "");
  response.stream = stream_records(frame_of(streamed->count.value_or(0), echo),
                                   std::move(streamed->stream), write_row);
  return response;
}

}  // namespace piperoll::dialect::bloodhound
