#include "dialect/native/native_dialect.h"

#include "dialect/common/call.h"
#include "dialect/common/failure.h"
#include "dialect/common/route_match.h"
#include "dialect/native/admin.h"
#include "dialect/native/append.h"
#include "dialect/native/exports.h"
#include "dialect/native/login.h"
#include "dialect/native/logs.h"
#include "dialect/native/pages.h"
#include "dialect/native/parameters.h"
#include "dialect/native/problem.h"
#include "dialect/native/session.h"
#include "dialect/native/users.h"
#include "dialect/native/views.h"

namespace piperoll::dialect::native {
namespace {

using auth::Right;
using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Operation;
using operation::Reply;

constexpr std::string_view kSurface = "native";
constexpr std::string_view kPrefix = "/v1";

// What a route's decoder works on.
struct Decoding {
  const wire::Request& request;
  const DecodeContext& context;
  const NativeOptions& options;
  const std::vector<std::string>& captures;
  ParameterReader parameters;
  operation::Call call;
  std::string request_id;
};

// Words the outcome; the error of a reply never reaches it.
using EncodeOutcome = std::function<wire::Response(operation::Outcome&&, const Reply&)>;

Exchange exchange(Decoding&& decoding, Result<Operation> operation, Right right,
                  EncodeOutcome encode) {
  set_operation(decoding.call, std::move(operation), right);
  return {std::move(decoding.call),
          [request_id = std::move(decoding.request_id), encode = std::move(encode)](Reply&& reply) {
            if (!reply.outcome) {
              return problem(reply.outcome.error(), request_id);
            }
            return encode(*std::move(reply.outcome), reply);
          }};
}

// An encoder for one kind of outcome.
template <class Kind, class Encode>
EncodeOutcome encode_as(Encode encode) {
  return [encode](operation::Outcome&& outcome, const Reply& reply) {
    return encode(std::get<Kind>(std::move(outcome)), reply);
  };
}

Error not_json(const wire::Request& request) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "Content-Type must be application/json, not \"" +
                     std::string(request.header("Content-Type").value_or("")).substr(0, 100) + "\"",
          .code = "unsupported_media_type"};
}

// A JSON body for one of the admin addresses, with no parameters left over.
template <class Read>
Result<Operation> read_json_body(Decoding& decoding, Read read) {
  RETURN_IF_ERROR(decoding.parameters.finish());
  auto form = body_form(decoding.request);
  if (!form || *form != BodyForm::Json) {
    return not_json(decoding.request);
  }
  return read(decoding.request.body);
}

Result<Operation> without_parameters(Decoding& decoding, Operation operation) {
  RETURN_IF_ERROR(decoding.parameters.finish());
  return operation;
}

wire::Response no_content() {
  wire::Response response;
  response.status = 204;
  return response;
}

Exchange append_events(Decoding&& decoding) {
  AppendAnswer answer{.request_id = decoding.request_id};
  answer.errors_only = decoding.parameters.take_word("results", {"all", "errors"}) == 1;
  answer.atomic = decoding.parameters.take_flag("atomic");
  auto read = [&]() -> Result<Operation> {
    RETURN_IF_ERROR(decoding.parameters.finish());
    ASSIGN_OR_RETURN(BodyForm form, body_form(decoding.request));
    ASSIGN_OR_RETURN(AppendBody body, read_append_body(form, decoding.request.body));
    answer.batch = body.batch;
    body.events.atomic = answer.atomic || !body.batch;
    return Operation(std::move(body.events));
  };
  Result<Operation> operation = read();
  return exchange(std::move(decoding), std::move(operation), Right::Append,
                  encode_as<operation::Appended>(
                      [answer](const operation::Appended& appended, const Reply& reply) {
                        return encode_appended(answer, appended, reply.org->id);
                      }));
}

Exchange find(Decoding&& decoding, event::LogKind log, Right right) {
  Result<Operation> operation = read_find(decoding.parameters, log);
  return exchange(
      std::move(decoding), std::move(operation), right,
      encode_as<operation::Found>([](const operation::Found& found, const Reply& reply) {
        return encode_found(found, reply.org->id);
      }));
}

Exchange find_events(Decoding&& decoding) {
  return find(std::move(decoding), event::LogKind::Events, Right::Find);
}

Exchange find_access(Decoding&& decoding) {
  return find(std::move(decoding), event::LogKind::Access, Right::Prove);
}

Exchange get_event(Decoding&& decoding, Result<Operation> operation) {
  return exchange(std::move(decoding), std::move(operation), Right::Find,
                  encode_as<operation::Got>([](const operation::Got& got, const Reply& reply) {
                    return encode_got(got, reply.org->id);
                  }));
}

Exchange get_by_id(Decoding&& decoding) {
  Result<Operation> operation =
      without_parameters(decoding, operation::GetEvent{.id_or_seq = decoding.captures[0]});
  return get_event(std::move(decoding), std::move(operation));
}

Exchange get_by_seq(Decoding&& decoding) {
  ParameterReader captured({{"seq", decoding.captures[0]}});
  const std::uint64_t seq =
      captured.take_number("seq", 0, 0, std::numeric_limits<std::int64_t>::max());
  Result<void> good = captured.finish();
  Result<Operation> operation =
      good ? without_parameters(decoding, operation::GetEvent{.id_or_seq = seq})
           : Result<Operation>(std::move(good).error());
  return get_event(std::move(decoding), std::move(operation));
}

Exchange get_facets(Decoding&& decoding) {
  Result<Operation> operation = read_facets(decoding.parameters);
  return exchange(
      std::move(decoding), std::move(operation), Right::Find,
      encode_as<operation::Faceted>(
          [](const operation::Faceted& faceted, const Reply&) { return encode_facets(faceted); }));
}

Exchange get_histogram(Decoding&& decoding) {
  Result<Operation> operation = read_histogram(decoding.parameters);
  return exchange(std::move(decoding), std::move(operation), Right::Find,
                  encode_as<operation::Histogrammed>(
                      [](const operation::Histogrammed& histogrammed, const Reply&) {
                        return encode_histogram(histogrammed);
                      }));
}

Exchange export_events(Decoding&& decoding) {
  ExportShape shape;
  Result<Operation> operation = read_export(decoding.parameters, shape);
  return exchange(
      std::move(decoding), std::move(operation), Right::Export,
      encode_as<operation::Streamed>([shape](operation::Streamed&& streamed, const Reply& reply) {
        return encode_export(shape, std::move(streamed), reply.org->id);
      }));
}

Exchange stream_events(Decoding&& decoding) {
  Result<Operation> operation =
      read_stream(decoding.parameters, decoding.request.header("Last-Event-ID"));
  return exchange(
      std::move(decoding), std::move(operation), Right::Find,
      encode_as<operation::Streamed>([](operation::Streamed&& streamed, const Reply& reply) {
        return encode_stream(std::move(streamed), reply.org->id);
      }));
}

Exchange create_key(Decoding&& decoding) {
  Result<Operation> operation = read_json_body(
      decoding, [&](std::string_view body) { return read_create_key(body, decoding.context.now); });
  return exchange(
      std::move(decoding), std::move(operation), Right::Manage,
      encode_as<operation::KeyCreated>([](const operation::KeyCreated& created, const Reply&) {
        return encode_key_created(created);
      }));
}

Exchange list_keys(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(decoding, operation::ListKeys{});
  return exchange(
      std::move(decoding), std::move(operation), Right::Manage,
      encode_as<operation::KeysListed>([](const operation::KeysListed& listed, const Reply& reply) {
        return encode_keys(listed, *reply.applications);
      }));
}

Exchange revoke_key(Decoding&& decoding) {
  Result<Operation> operation =
      without_parameters(decoding, operation::RevokeKey{.id = decoding.captures[0]});
  return exchange(std::move(decoding), std::move(operation), Right::Manage,
                  [](operation::Outcome&&, const Reply&) { return no_content(); });
}

Exchange create_application(Decoding&& decoding) {
  Result<Operation> operation = read_json_body(decoding, read_create_application);
  return exchange(std::move(decoding), std::move(operation), Right::Manage,
                  encode_as<operation::ApplicationCreated>(
                      [](const operation::ApplicationCreated& created, const Reply&) {
                        return encode_application_created(created);
                      }));
}

Exchange list_applications(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(decoding, operation::ListApplications{});
  return exchange(std::move(decoding), std::move(operation), Right::Find,
                  encode_as<operation::ApplicationsListed>(
                      [](const operation::ApplicationsListed& listed, const Reply&) {
                        return encode_applications(listed);
                      }));
}

Exchange create_org(Decoding&& decoding) {
  Result<Operation> operation = read_json_body(decoding, read_create_org);
  return exchange(std::move(decoding), std::move(operation), Right::Administrate,
                  encode_as<operation::OrganisationCreated>(
                      [](const operation::OrganisationCreated& created, const Reply&) {
                        return encode_org_created(created);
                      }));
}

Exchange list_orgs(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(decoding, operation::ListOrganisations{});
  return exchange(
      std::move(decoding), std::move(operation), Right::Administrate,
      encode_as<operation::OrganisationsListed>([](const operation::OrganisationsListed& listed,
                                                   const Reply&) { return encode_orgs(listed); }));
}

Exchange change_org(Decoding&& decoding) {
  Result<Operation> operation = read_json_body(
      decoding, [&](std::string_view body) { return read_change_org(body, decoding.captures[0]); });
  return exchange(std::move(decoding), std::move(operation), Right::Administrate,
                  encode_as<operation::OrganisationChanged>(
                      [](const operation::OrganisationChanged& changed, const Reply&) {
                        return encode_org_changed(changed);
                      }));
}

Exchange create_user(Decoding&& decoding) {
  Result<Operation> operation = read_json_body(decoding, read_create_user);
  return exchange(
      std::move(decoding), std::move(operation), Right::Manage,
      encode_as<operation::UserCreated>([](const operation::UserCreated& created, const Reply&) {
        return encode_user_created(created);
      }));
}

Exchange list_users(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(decoding, operation::ListUsers{});
  return exchange(std::move(decoding), std::move(operation), Right::Manage,
                  encode_as<operation::UsersListed>(
                      [](const operation::UsersListed& listed, const Reply& reply) {
                        return encode_users(listed, *reply.applications);
                      }));
}

Exchange change_user(Decoding&& decoding) {
  Result<Operation> operation = read_json_body(decoding, [&](std::string_view body) {
    return read_change_user(body, decoding.captures[0]);
  });
  return exchange(std::move(decoding), std::move(operation), Right::Manage,
                  encode_as<operation::UserChanged>(
                      [](const operation::UserChanged& changed, const Reply& reply) {
                        return encode_user_changed(changed, *reply.applications);
                      }));
}

Exchange list_views(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(decoding, operation::ListViews{});
  return exchange(
      std::move(decoding), std::move(operation), Right::Find,
      encode_as<operation::ViewsListed>(
          [](const operation::ViewsListed& listed, const Reply&) { return encode_views(listed); }));
}

Exchange save_view(Decoding&& decoding) {
  const std::string id = decoding.captures.empty() ? "" : decoding.captures[0];
  Result<Operation> operation =
      read_json_body(decoding, [&](std::string_view body) { return read_save_view(body, id); });
  return exchange(
      std::move(decoding), std::move(operation), Right::Find,
      encode_as<operation::ViewSaved>([](const operation::ViewSaved& saved, const Reply&) {
        return encode_view_saved(saved);
      }));
}

Exchange delete_view(Decoding&& decoding) {
  Result<Operation> operation =
      without_parameters(decoding, operation::DeleteView{.id = decoding.captures[0]});
  return exchange(std::move(decoding), std::move(operation), Right::Find,
                  [](operation::Outcome&&, const Reply&) { return no_content(); });
}

EncodeOutcome session_encoder(int status, const Decoding& decoding) {
  return encode_as<operation::SessionStarted>(
      [status, tls = decoding.request.tls, &options = decoding.options](
          const operation::SessionStarted& started, const Reply& reply) {
        return encode_session_started(status, started, reply.org, tls, options);
      });
}

// The credential was read before, from the body (find_credential()).
Exchange start_session(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(
      decoding,
      operation::StartSession{.replaced = session_id(decoding.request, decoding.options)});
  EncodeOutcome encode = session_encoder(201, decoding);
  return exchange(std::move(decoding), std::move(operation), Right::Identify, std::move(encode));
}

// What comes of a login with an issuer: people are sent on, programs are told.
Exchange login_exchange(Decoding&& decoding, Result<Operation> operation, EncodeOutcome encode) {
  const bool for_people = is_for_people(decoding.request);
  set_operation(decoding.call, std::move(operation), Right::Identify);
  return {std::move(decoding.call), [request_id = std::move(decoding.request_id), for_people,
                                     encode = std::move(encode)](Reply&& reply) {
            if (!reply.outcome) {
              const Error& error = reply.outcome.error();
              return encode_login_refused(problem(error, request_id), error, for_people);
            }
            return encode(*std::move(reply.outcome), reply);
          }};
}

Exchange begin_login(Decoding&& decoding) {
  Result<Operation> operation =
      read_login_start(decoding.request, decoding.parameters, decoding.options);
  const bool tls = decoding.request.tls;
  const NativeOptions& options = decoding.options;
  return login_exchange(std::move(decoding), std::move(operation),
                        encode_as<operation::LoginBegun>(
                            [tls, &options](const operation::LoginBegun& begun, const Reply&) {
                              return encode_login_begun(begun, tls, options);
                            }));
}

// The credential was read before (find_credential()); the attempt says where to go on.
Exchange finish_login(Decoding&& decoding) {
  Operation operation =
      operation::StartSession{.replaced = session_id(decoding.request, decoding.options)};
  const bool tls = decoding.request.tls;
  const NativeOptions& options = decoding.options;
  return login_exchange(
      std::move(decoding), std::move(operation),
      encode_as<operation::SessionStarted>(
          [tls, &options](const operation::SessionStarted& started, const Reply&) {
            return encode_login_finished(started, tls, options);
          }));
}

Exchange change_password(Decoding&& decoding) {
  Result<Operation> operation = read_json_body(decoding, read_change_password);
  EncodeOutcome encode = session_encoder(200, decoding);
  return exchange(std::move(decoding), std::move(operation), Right::Identify, std::move(encode));
}

Exchange show_session(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(decoding, operation::Identify{});
  return exchange(std::move(decoding), std::move(operation), Right::Identify,
                  encode_as<operation::Identified>(
                      [](const operation::Identified& identified, const Reply& reply) {
                        return encode_session(identified, reply.org);
                      }));
}

Exchange end_session(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(decoding, operation::EndSession{});
  const bool tls = decoding.request.tls;
  const NativeOptions& options = decoding.options;
  return exchange(std::move(decoding), std::move(operation), Right::Identify,
                  [tls, &options](operation::Outcome&&, const Reply&) {
                    return encode_session_ended(tls, options);
                  });
}

Exchange prove_event(Decoding&& decoding) {
  const operation::ProveEvent::Form form = proof_form(decoding.request);
  Result<Operation> operation = read_prove_event(decoding.parameters, form, decoding.captures[0]);
  return exchange(
      std::move(decoding), std::move(operation), Right::Prove,
      encode_as<operation::EventProven>([form](const operation::EventProven& proven, const Reply&) {
        return encode_event_proven(form, proven);
      }));
}

// Below /v1/logs/{org}: the organisation is in the path.
Exchange log_exchange(Decoding&& decoding, Result<Operation> operation, EncodeOutcome encode) {
  decoding.call.org = {operation::OrgReference::Place::Path, decoding.captures[0]};
  return exchange(std::move(decoding), std::move(operation), Right::Prove, std::move(encode));
}

template <event::LogKind kLog>
Exchange get_checkpoint(Decoding&& decoding) {
  Result<Operation> operation =
      without_parameters(decoding, operation::ReadCheckpoint{.log = kLog});
  const std::string known(decoding.request.header("If-None-Match").value_or(""));
  return log_exchange(std::move(decoding), std::move(operation),
                      encode_as<operation::CheckpointRead>(
                          [known](const operation::CheckpointRead& read, const Reply&) {
                            return encode_checkpoint(read, known);
                          }));
}

template <event::LogKind kLog>
Exchange get_log_key(Decoding&& decoding) {
  Result<Operation> operation = without_parameters(decoding, operation::ReadLogKeys{.log = kLog});
  return log_exchange(
      std::move(decoding), std::move(operation),
      encode_as<operation::LogKeysRead>(
          [](const operation::LogKeysRead& read, const Reply&) { return encode_log_keys(read); }));
}

// A path that is no tile is not there, as one that the log has not reached.
template <event::LogKind kLog>
Exchange get_tile(Decoding&& decoding) {
  auto resource = tlog::parse_tile_path("tile/" + decoding.captures[1]);
  Result<Operation> operation =
      resource ? without_parameters(decoding, operation::ReadTile{kLog, *resource})
               : Result<Operation>(Error{.kind = ErrorKind::NotFound,
                                         .message = "no tile has this address",
                                         .code = "tile_not_found"});
  return log_exchange(std::move(decoding), std::move(operation),
                      encode_as<operation::TileRead>([](operation::TileRead&& read, const Reply&) {
                        return encode_tile_read(std::move(read));
                      }));
}

template <event::LogKind kLog>
Exchange get_consistency(Decoding&& decoding) {
  Result<Operation> operation = read_prove_consistency(decoding.parameters, kLog);
  return log_exchange(std::move(decoding), std::move(operation),
                      encode_as<operation::ConsistencyProven>(
                          [](const operation::ConsistencyProven& proven, const Reply&) {
                            return encode_consistency(proven);
                          }));
}

constexpr event::LogKind kEventLog = event::LogKind::Events;
constexpr event::LogKind kAccessLog = event::LogKind::Access;

struct NativeRoute {
  Route route;
  Exchange (*decode)(Decoding&&);
};

constexpr NativeRoute kRoutes[] = {
    {{"POST", "/v1/events"}, append_events},
    {{"GET", "/v1/events"}, find_events},
    {{"GET", "/v1/events/{id}"}, get_by_id},
    {{"GET", "/v1/events/by-seq/{seq}"}, get_by_seq},
    {{"GET", "/v1/events/{id}/proof"}, prove_event},
    {{"GET", "/v1/logs/{org}/checkpoint"}, get_checkpoint<kEventLog>},
    {{"GET", "/v1/logs/{org}/vkey"}, get_log_key<kEventLog>},
    {{"GET", "/v1/logs/{org}/consistency"}, get_consistency<kEventLog>},
    {{"GET", "/v1/logs/{org}/tile/{tile*}"}, get_tile<kEventLog>},
    {{"GET", "/v1/logs/{org}/access/checkpoint"}, get_checkpoint<kAccessLog>},
    {{"GET", "/v1/logs/{org}/access/vkey"}, get_log_key<kAccessLog>},
    {{"GET", "/v1/logs/{org}/access/consistency"}, get_consistency<kAccessLog>},
    {{"GET", "/v1/logs/{org}/access/tile/{tile*}"}, get_tile<kAccessLog>},
    {{"GET", "/v1/facets"}, get_facets},
    {{"GET", "/v1/histogram"}, get_histogram},
    {{"GET", "/v1/access"}, find_access},
    {{"GET", "/v1/export"}, export_events},
    {{"GET", "/v1/stream"}, stream_events},
    {{"POST", "/v1/keys"}, create_key},
    {{"GET", "/v1/keys"}, list_keys},
    {{"DELETE", "/v1/keys/{id}"}, revoke_key},
    {{"POST", "/v1/applications"}, create_application},
    {{"GET", "/v1/applications"}, list_applications},
    {{"POST", "/v1/orgs"}, create_org},
    {{"GET", "/v1/orgs"}, list_orgs},
    {{"PATCH", "/v1/orgs/{id}"}, change_org},
    {{"POST", "/v1/users"}, create_user},
    {{"GET", "/v1/users"}, list_users},
    {{"PATCH", "/v1/users/{id}"}, change_user},
    {{"POST", "/v1/views"}, save_view},
    {{"GET", "/v1/views"}, list_views},
    {{"PUT", "/v1/views/{id}"}, save_view},
    {{"DELETE", "/v1/views/{id}"}, delete_view},
    {{"POST", "/v1/session"}, start_session},
    {{"GET", "/v1/session"}, show_session},
    {{"DELETE", "/v1/session"}, end_session},
    {{"POST", "/v1/session/password"}, change_password},
    {{"GET", "/v1/session/logins"}, nullptr},  // answered without the service
    {{"GET", "/v1/session/oidc/start"}, begin_login},
    {{"GET", "/v1/session/oidc/callback"}, finish_login},
};

// A query that cannot be decoded is the error of the operation: who asks is checked first.
struct Query {
  wire::Parameters parameters;
  Result<void> good;
};
Query read_query(const wire::Request& request) {
  auto parsed = wire::parse_query(request.query());
  if (parsed) {
    return {*std::move(parsed), {}};
  }
  return {wire::parse_query_leniently(request.query()), std::move(parsed).error()};
}

bool is_login_step(const NativeRoute& route) {
  return route.decode == begin_login || route.decode == finish_login;
}

// The credential of "Authorization: Bearer" (in the call already), X-API-Key, or a session's
// cookie; of a login what its body says before any of them, or what an issuer sent. The first step
// of a login with an issuer needs none, so that what is wrong with it is told here.
Result<void> find_credential(const wire::Request& request, const NativeOptions& options,
                             const NativeRoute& route, const Query& query, operation::Call& call) {
  if (is_login_step(route)) {
    RETURN_IF_ERROR(Result<void>(query.good));
  }
  if (route.decode == begin_login) {
    ParameterReader parameters(query.parameters);
    ASSIGN_OR_RETURN(auto good, read_login_start(request, parameters, options));
    static_cast<void>(good);
    return {};
  }
  if (route.decode == finish_login) {
    ASSIGN_OR_RETURN(call.credential, read_login_return(request, query.parameters, options));
    return {};
  }
  if (call.credential.kind == auth::Credential::Kind::None) {
    call.credential = secret_credential(request.header("X-API-Key").value_or(""));
  }
  if (route.decode == start_session) {
    ASSIGN_OR_RETURN(auth::Credential shown, read_session_start(request, options));
    if (shown.kind != auth::Credential::Kind::None) {
      call.credential = std::move(shown);
    }
  } else if (call.credential.kind == auth::Credential::Kind::None) {
    call.credential = session_credential(request, options);
  }
  return {};
}

class NativeDialect : public Dialect {
 public:
  explicit NativeDialect(NativeOptions options) : options_(std::move(options)) {}

  std::string_view surface() const override { return kSurface; }

  bool owns(std::string_view path) const override { return is_at_or_below(path, kPrefix); }

  std::vector<Route> routes() const override {
    std::vector<Route> routes;
    for (const NativeRoute& route : kRoutes) {
      routes.push_back(route.route);
    }
    return routes;
  }

  Decoded decode(const wire::Request& request, const DecodeContext& context) const override {
    RouteMatch match = match_route(routes_, request.method, request.path());
    if (match.kind == RouteMatch::Kind::UnknownPath) {
      return not_found(request.path(), request.request_id);
    }
    if (match.kind == RouteMatch::Kind::WrongMethod) {
      return method_not_allowed(match.allow, request.request_id);
    }
    const NativeRoute& route = kRoutes[match.index];
    if (route.decode == nullptr) {
      return encode_logins(options_);
    }
    operation::Call call = call_for(kSurface, request);
    Query query = read_query(request);
    if (auto found = find_credential(request, options_, route, query, call); !found) {
      wire::Response refused = problem(found.error(), request.request_id);
      return is_login_step(route)
                 ? encode_login_refused(std::move(refused), found.error(), is_for_people(request))
                 : std::move(refused);
    }
    call.org = org_in_query(query.parameters);
    std::erase_if(query.parameters, [](const auto& parameter) { return parameter.first == "org"; });
    Exchange exchange = route.decode(Decoding{request, context, options_, match.captures,
                                              ParameterReader(std::move(query.parameters)),
                                              std::move(call), request.request_id});
    if (!query.good) {
      exchange.call.operation = std::move(query.good).error();
    }
    return exchange;
  }

  wire::Response encode_error(const wire::Request& request, const Error& error) const override {
    return problem(error, request.request_id);
  }

 private:
  const NativeOptions options_;
  const std::vector<Route> routes_ = routes();
};

}  // namespace

std::unique_ptr<Dialect> make_native_dialect(NativeOptions options) {
  return std::make_unique<NativeDialect>(std::move(options));
}

}  // namespace piperoll::dialect::native
