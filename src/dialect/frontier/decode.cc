#include "dialect/frontier/decode.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/unicode.h"
#include "dialect/common/call.h"
#include "dialect/common/go_time.h"
#include "dialect/frontier/create_message.h"
#include "dialect/frontier/status.h"
#include "event/event_validate.h"
#include "query/query.h"
#include "wire/url.h"

namespace piperoll::dialect::frontier {
namespace {

using base::Result;

constexpr std::size_t kOrgIdMin = 3, kIdMin = 3, kSourceMin = 2, kActionMin = 2;  // code points
constexpr std::size_t kLogsMax = 10'000;  // as many as any surface takes at once

// What Frontier itself records of its own housekeeping.
const std::vector<std::string>& system_actions() {
  static const std::vector<std::string> kActions = {
      "app.user.created",         "app.user.updated",         "app.user.deleted",
      "app.user.listed",          "app.permission.created",   "app.permission.updated",
      "app.permission.deleted",   "app.permission.checked",   "app.billing.entitlement.checked",
      "app.organization.created", "app.organization.deleted", "app.organization.disabled"};
  return kActions;
}

std::string too_short(std::string_view what, std::size_t runes) {
  return "invalid " + std::string(what) + ": value length must be at least " +
         std::to_string(runes) + " runes";
}

bool is_shorter(std::string_view text, std::size_t runes) {
  return base::code_point_count(text) < runes;
}

std::string in_log(std::size_t index, const std::string& cause) {
  return "invalid CreateOrganizationAuditLogsRequest.Logs[" + std::to_string(index) +
         "]: embedded message failed validation | caused by: " + cause;
}

// "/actor/id" -> "AuditLog.Actor.Id", as the validator names fields.
std::string field_named(std::string_view pointer) {
  if (pointer.starts_with("/occurred_at")) {
    return "AuditLog.CreatedAt";
  }
  std::string name = "AuditLog";
  bool upper = false;
  for (char c : pointer) {
    if (c == '/') {
      name.push_back('.');
      upper = true;
    } else {
      name.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
      upper = false;
    }
  }
  return name;
}

// Our own limits come after Frontier's, in the same words.
std::optional<std::string> problem_of(event::Event& event) {
  if (is_shorter(*event.source, kSourceMin)) {
    return too_short("AuditLog.Source", kSourceMin);
  }
  if (is_shorter(event.action, kActionMin)) {
    return too_short("AuditLog.Action", kActionMin);
  }
  if (base::is_blank(*event.source)) {
    return "invalid AuditLog.Source: value must not be only white space";
  }
  auto valid = event::validate(event);
  if (valid) {
    return std::nullopt;
  }
  if (valid.error().faults.empty()) {
    return "invalid AuditLog: " + valid.error().message;
  }
  const base::Fault& fault = valid.error().faults.front();
  return "invalid " + field_named(fault.pointer) + ": " + (fault.pointer.empty() ? "" : "value ") +
         fault.detail;
}

wire::Response too_many_logs() {
  return error_response(
      {.kind = base::ErrorKind::TooLarge,
       .message = "at most " + std::to_string(kLogsMax) + " audit logs can be created at once"});
}

// Query parameters of the list call, by the names of the .proto file.
class ListParameters {
 public:
  explicit ListParameters(wire::Parameters parameters) : parameters_(std::move(parameters)) {}

  // "" if absent. A scalar can be given once under each of its names.
  Result<std::string> scalar(std::string_view proto_name, std::string_view json_name) const {
    std::string value;
    for (std::string_view name : {proto_name, json_name}) {
      std::vector<std::string> values = values_of(name);
      if (values.size() > 1) {
        return refused("too many values for field \"" + std::string(proto_name) +
                       "\": " + joined(values));
      }
      if (!values.empty()) {
        value = std::move(values.front());
      }
    }
    return value;
  }
  bool has(std::string_view proto_name, std::string_view json_name) const {
    return wire::find(parameters_, proto_name) || wire::find(parameters_, json_name);
  }

  Result<bool> flag(std::string_view proto_name, std::string_view json_name) const {
    ASSIGN_OR_RETURN(std::string text, scalar(proto_name, json_name));
    if (!has(proto_name, json_name)) {
      return false;
    }
    return with_field(parse_go_bool(text), proto_name);
  }

  // Nothing for times that count as not set: absent, or not after 1970-01-01T00:00:00Z.
  Result<std::optional<Instant>> time(std::string_view proto_name,
                                      std::string_view json_name) const {
    ASSIGN_OR_RETURN(std::string text, scalar(proto_name, json_name));
    if (!has(proto_name, json_name)) {
      return std::optional<Instant>();
    }
    ASSIGN_OR_RETURN(Instant instant, with_field(parse_go_time(text), proto_name));
    return lower_bound(instant) > 0 ? std::optional(instant) : std::nullopt;
  }

 private:
  static base::Error refused(std::string message) {
    return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(message)};
  }
  template <class T>
  static Result<T> with_field(Result<T> result, std::string_view name) {
    if (!result) {
      return refused("parsing field \"" + std::string(name) + "\": " + result.error().message);
    }
    return result;
  }
  std::vector<std::string> values_of(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [parameter, value] : parameters_) {
      if (parameter == name) {
        values.push_back(value);
      }
    }
    return values;
  }
  static std::string joined(const std::vector<std::string>& values) {
    std::string out;
    for (const std::string& value : values) {
      out.append(out.empty() ? "" : ", ").append(value);
    }
    return out;
  }

  wire::Parameters parameters_;
};

Result<query::Filter> read_filter(std::string_view query) {
  ASSIGN_OR_RETURN(wire::Parameters parsed, wire::parse_query(query));
  ListParameters parameters(std::move(parsed));
  ASSIGN_OR_RETURN(std::string source, parameters.scalar("source", "source"));
  ASSIGN_OR_RETURN(std::string action, parameters.scalar("action", "action"));
  ASSIGN_OR_RETURN(bool ignore_system, parameters.flag("ignore_system", "ignoreSystem"));
  ASSIGN_OR_RETURN(std::optional<Instant> start, parameters.time("start_time", "startTime"));
  ASSIGN_OR_RETURN(std::optional<Instant> end, parameters.time("end_time", "endTime"));

  std::vector<query::Filter> terms;
  if (!source.empty()) {
    terms.push_back(query::equal({event::Field::Source, {}}, std::move(source)));
  }
  if (!action.empty()) {
    terms.push_back(query::equal({event::Field::Action, {}}, std::move(action)));
  }
  if (ignore_system) {
    terms.push_back(query::negate(query::in({event::Field::Action, {}}, system_actions())));
  }
  terms.push_back(occurred_between(start, end));
  return query::all_of(std::move(terms));
}

}  // namespace

Checked<operation::AppendEvents> decode_create(const std::string& org_id,
                                               const wire::Request& request) {
  auto events = read_create_message(request.body);
  if (!events) {
    return invalid_argument(events.error().message);
  }
  if (is_shorter(org_id, kOrgIdMin)) {
    return invalid_argument(too_short("CreateOrganizationAuditLogsRequest.OrgId", kOrgIdMin));
  }
  if (events->empty()) {
    return invalid_argument(
        "invalid CreateOrganizationAuditLogsRequest.Logs: value must contain at least 1 item(s)");
  }
  if (events->size() > kLogsMax) {
    return too_many_logs();
  }
  operation::AppendEvents append;
  for (std::size_t i = 0; i < events->size(); ++i) {
    event::Event& event = (*events)[i];
    if (auto problem = problem_of(event)) {
      return invalid_argument(in_log(i, *problem));
    }
    append.batch.add(event);
  }
  return append;
}

Checked<operation::FindEvents> decode_list(const std::string& org_id,
                                           const wire::Request& request) {
  auto filter = read_filter(request.query());
  if (!filter) {
    return invalid_argument(filter.error().message);
  }
  if (is_shorter(org_id, kOrgIdMin)) {
    return invalid_argument(too_short("ListOrganizationAuditLogsRequest.OrgId", kOrgIdMin));
  }
  operation::FindEvents find;
  find.page.filter = query::normalize(*std::move(filter));
  find.page.limit = query::kNoLimit;  // the surface has no paging
  find.stream = true;
  return find;
}

Checked<operation::GetEvent> decode_get(const std::string& org_id, const std::string& id) {
  if (is_shorter(org_id, kOrgIdMin)) {
    return invalid_argument(too_short("GetOrganizationAuditLogRequest.OrgId", kOrgIdMin));
  }
  if (is_shorter(id, kIdMin)) {
    return invalid_argument(too_short("GetOrganizationAuditLogRequest.Id", kIdMin));
  }
  operation::GetEvent get;
  get.id_or_seq = id;
  return get;
}

auth::Credential credential_of(const wire::Request& request) {
  const std::string_view shown[] = {request.cookie("sid").value_or(""),
                                    bearer_token(request).value_or(""),
                                    request.header("x-user-token").value_or("")};
  for (std::string_view text : shown) {
    if (may_be_credential(text)) {
      return secret_credential(text);
    }
  }
  if (auth::Credential basic = basic_credential(request);
      basic.kind != auth::Credential::Kind::None) {
    return basic;
  }
  for (std::string_view text : shown) {
    if (!text.empty()) {
      return secret_credential(text);  // to be refused
    }
  }
  return {};
}

}  // namespace piperoll::dialect::frontier
