#include "service/access_record.h"

#include "base/ip_address.h"
#include "base/json.h"
#include "base/unicode.h"
#include "event/event_limits.h"
#include "event/event_validate.h"
#include "query/query.h"
#include "service/service_limits.h"

namespace piperoll::service {

namespace {

using operation::Operation;

// At most `most` bytes, cut between code points.
std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) {
    return std::string(text);
  }
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return std::string(text.substr(0, end));
}

std::optional<std::string> optional_text(std::string_view text, std::size_t most) {
  if (text.empty() || !base::is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  return cut(text, most);
}

const query::Filter* filter_of(const Operation& operation) {
  if (const auto* find = std::get_if<operation::FindEvents>(&operation)) {
    return &find->page.filter;
  }
  if (const auto* facets = std::get_if<operation::FacetEvents>(&operation)) {
    return &facets->filter;
  }
  if (const auto* histogram = std::get_if<operation::HistogramEvents>(&operation)) {
    return &histogram->filter;
  }
  if (const auto* exported = std::get_if<operation::ExportEvents>(&operation)) {
    return &exported->filter;
  }
  if (const auto* tail = std::get_if<operation::TailEvents>(&operation)) {
    return &tail->filter;
  }
  return nullptr;
}

bool is_access_log(const Operation& operation) {
  const auto* find = std::get_if<operation::FindEvents>(&operation);
  const auto* get = std::get_if<operation::GetEvent>(&operation);
  const auto* consistency = std::get_if<operation::ProveConsistency>(&operation);
  return (find != nullptr && find->log == event::LogKind::Access) ||
         (consistency != nullptr && consistency->log == event::LogKind::Access) ||
         (get != nullptr && get->log == event::LogKind::Access);
}

std::string_view log_word(const Operation& operation) {
  if (operation::right_of(operation) == auth::Right::Identify) {
    return "auth.";
  }
  return is_access_log(operation) ? "access." : "events.";
}

// In the order of canonical JSON.
std::string params_of(const operation::Call& call, const auth::Principal& principal,
                      const ReadSummary& summary) {
  const Operation& operation = *call.operation;
  std::string out;
  base::JsonWriter json(out);
  json.begin_object();
  if (summary.count) {
    json.key("count").unsigned_integer(*summary.count);
  }
  if (const query::Filter* filter = filter_of(operation)) {
    json.member("filter", cut(query::print(*filter), kAccessTextMax));
  }
  if (!principal.issuer.empty()) {
    json.member("issuer", cut(principal.issuer, kAccessTextMax));
  }
  if (const auto* find = std::get_if<operation::FindEvents>(&operation)) {
    if (find->page.limit != query::kNoLimit) {
      json.key("limit").unsigned_integer(find->page.limit);
    }
    json.key("offset").unsigned_integer(find->page.offset);
  }
  json.key("rows").unsigned_integer(summary.rows);
  if (const auto* find = std::get_if<operation::FindEvents>(&operation)) {
    json.member("sort", query::print(find->page.sort));
  }
  json.member("surface", call.surface);
  json.key("tree_size").unsigned_integer(summary.tree_size);
  json.end_object();
  return out;
}

void set_target(event::Event& event, const Operation& operation) {
  const auto* get = std::get_if<operation::GetEvent>(&operation);
  const auto* prove = std::get_if<operation::ProveEvent>(&operation);
  if (get == nullptr && prove == nullptr) {
    return;
  }
  event.target.type = "event";
  if (prove != nullptr) {
    event.target.id = optional_text(prove->id, event::kPartyIdMax);
    return;
  }
  if (const auto* id = std::get_if<std::string>(&get->id_or_seq)) {
    event.target.id = optional_text(*id, event::kPartyIdMax);
  } else {
    event.target.id = "seq:" + std::to_string(std::get<std::uint64_t>(get->id_or_seq));
  }
}

// Who did something, and from where.
event::Event event_of(const operation::Call& call, const auth::Principal& principal,
                      std::string action) {
  event::Event event = event::make_event(std::move(action));
  event.category = "access";
  event.source = "piperoll";
  event.actor.id = principal.subject;
  event.actor.type = actor_type(principal);
  event.actor.name = cut(principal.name, event::kPartyNameMax);
  if (!principal.email.empty()) {
    event.actor.email = principal.email;
  }
  event.request.id = optional_text(call.request_id, event::kRequestIdMax);
  event.request.method = optional_text(call.method, event::kMethodMax);
  event.request.path = optional_text(call.path, event::kPathMax);
  event.request.user_agent = optional_text(call.user_agent, event::kUserAgentMax);
  if (auto ip = base::canonical_ip(call.remote_address)) {
    event.request.ip = *ip;
  }
  return event;
}

void set_target(event::Event& event, const char* type, const base::Uuid& id,
                const std::string& name) {
  event.target.type = type;
  event.target.id = id.to_string();
  if (!name.empty()) {
    event.target.name = cut(name, event::kPartyNameMax);
  }
}

// What a change was made to.
struct SetChanged {
  event::Event& event;

  void operator()(const operation::KeyCreated& created) const {
    set_target(event, "api_key", created.key->id, created.key->name);
  }
  void operator()(const operation::KeyRevoked& revoked) const {
    set_target(event, "api_key", revoked.key->id, revoked.key->name);
  }
  void operator()(const operation::UserCreated& created) const {
    set_target(event, "user", created.user->id, created.user->email);
  }
  void operator()(const operation::UserChanged& changed) const {
    set_target(event, "user", changed.user->id, changed.user->email);
  }
  void operator()(const operation::ViewSaved& saved) const {
    set_target(event, "view", saved.view.view->id, saved.view.view->name);
  }
  void operator()(const operation::ViewDeleted& deleted) const {
    set_target(event, "view", deleted.view->id, deleted.view->name);
  }
  void operator()(const operation::ApplicationCreated& created) const {
    set_target(event, "application", created.application->id, created.application->name);
  }
  void operator()(const operation::OrganisationCreated& created) const {
    set_target(event, "organisation", created.organisation->id, created.organisation->name);
  }
  void operator()(const operation::OrganisationChanged& changed) const {
    set_target(event, "organisation", changed.organisation->id, changed.organisation->name);
  }
  template <class NoChange>
  void operator()(const NoChange&) const {}
};

void write_roles(base::JsonWriter& json, const auth::Roles& roles) {
  json.key("roles").begin_array();
  for (auth::Role role : roles.list()) {
    json.string(auth::to_string(role));
  }
  json.end_array();
}

// What was asked of a change, as far as it is no secret; in the order of canonical JSON.
std::string params_of_change(const operation::Call& call) {
  const Operation& operation = *call.operation;
  std::string out;
  base::JsonWriter json(out);
  json.begin_object();
  if (const auto* set = std::get_if<operation::SetOrganisationEnabled>(&operation)) {
    json.key("enabled").boolean(set->enabled);
  }
  const auto* user = std::get_if<operation::ChangeUser>(&operation);
  if (user != nullptr && user->enabled) {
    json.key("enabled").boolean(*user->enabled);
  }
  if (user != nullptr && user->password) {
    json.key("password_changed").boolean(true);
  }
  if (user != nullptr && user->roles) {
    write_roles(json, *user->roles);
  } else if (const auto* key = std::get_if<operation::CreateKey>(&operation)) {
    write_roles(json, key->roles);
  } else if (const auto* created = std::get_if<operation::CreateUser>(&operation)) {
    write_roles(json, created->roles);
  }
  if (const auto* view = std::get_if<operation::SaveView>(&operation)) {
    json.key("shared").boolean(view->shared);
  }
  json.member("surface", call.surface);
  json.end_object();
  return out;
}

}  // namespace

std::string_view actor_type(const auth::Principal& principal) {
  switch (principal.kind) {
    case auth::Principal::Kind::Token:
      return "token";
    case auth::Principal::Kind::User:
      return "user";
    default:
      return "api_key";
  }
}

event::Event access_event(const operation::Call& call, const auth::Principal& principal,
                          const ReadSummary& summary) {
  const Operation& operation = *call.operation;
  event::Event event =
      event_of(call, principal,
               std::string(log_word(operation)) + std::string(operation::name_of(operation)));
  set_target(event, operation);
  event.params = params_of(call, principal, summary);
  return event;
}

event::Event change_event(const operation::Call& call, const auth::Principal& principal,
                          const operation::Outcome& outcome) {
  event::Event event =
      event_of(call, principal, "admin." + std::string(operation::name_of(*call.operation)));
  std::visit(SetChanged{event}, outcome);
  event.params = params_of_change(call);
  return event;
}

event::Event first_use_event(const operation::Call& call, const auth::Principal& principal) {
  event::Event event = event_of(call, principal, "auth.first_use");
  std::string params;
  base::JsonWriter(params).begin_object().member("surface", call.surface).end_object();
  event.params = std::move(params);
  return event;
}

event::Event refusal_event(const operation::Call& call, const auth::Principal& principal,
                           const base::Error& error, std::uint64_t uncounted) {
  const bool bloodhound = call.surface == "bloodhound" && error.kind == base::ErrorKind::Forbidden;
  event::Event event =
      event_of(call, principal, bloodhound ? "UnauthorizedAccessAttempt" : "auth.refused");
  event.status = event::Status::Failure;
  event.error = error.message;
  std::string params;
  base::JsonWriter json(params);
  json.begin_object().member("code", error.code);
  if (call.operation) {
    json.member("operation", operation::name_of(*call.operation));
  }
  json.member("right", auth::to_string(call.right)).member("surface", call.surface);
  if (uncounted > 0) {
    json.key("unrecorded_before").unsigned_integer(uncounted);
  }
  json.end_object();
  event.params = std::move(params);
  return event;
}

}  // namespace piperoll::service
