#include "dialect/runai/runai_dialect.h"

#include <utility>

#include "dialect/common/call.h"
#include "dialect/common/route_match.h"
#include "dialect/runai/decode.h"
#include "dialect/runai/encode.h"
#include "dialect/runai/error_body.h"
#include "dialect/runai/token.h"

namespace piperoll::dialect::runai {
namespace {

constexpr std::string_view kPrefix = "/v1/k8s";
constexpr std::string_view kAudit = "/v1/k8s/audit";
constexpr std::string_view kApiToken = "/api/v1/token";
constexpr std::string_view kRealms = "/auth/realms";
constexpr std::string_view kRealmToken = "/auth/realms/{realm}/protocol/openid-connect/token";
enum RouteIndex : std::size_t { Audit, ApiToken, RealmToken };

wire::Response refusal(const RouteMatch& match) {
  if (match.kind == RouteMatch::Kind::UnknownPath) {
    return error_body(404, "");
  }
  wire::Response response = error_body(405, "");
  response.set("Allow", match.allow);
  return response;
}

base::Result<operation::Operation> read_operation(const wire::Parameters& parameters) {
  ASSIGN_OR_RETURN(operation::FindEvents find, read_query(parameters));
  return operation::Operation{std::move(find)};
}

Exchange audit_exchange(const wire::Request& request) {
  wire::Parameters parameters = wire::parse_query_leniently(request.query());
  operation::Call call = call_for("runai", request);
  call.org = org_in_query(parameters);
  set_operation(call, read_operation(parameters), auth::Right::Find);
  return {std::move(call), [download = wants_download(parameters)](operation::Reply&& reply) {
            return encode_logs(std::move(reply), download);
          }};
}

Exchange token_exchange(const wire::Request& request, auth::Credential credential,
                        wire::Response (*encode)(operation::Reply&&)) {
  operation::Call call = call_for("runai", request);
  call.credential = std::move(credential);
  set_operation(call, operation::Operation(operation::IssueToken{}), auth::Right::Identify);
  return {std::move(call), encode};
}

Decoded decode_token(const wire::Request& request, std::size_t route) {
  if (route == ApiToken) {
    auto client = read_api_token(request.body);
    return client ? Decoded(token_exchange(request, *std::move(client), encode_api_token))
                  : Decoded(error_body(client.error()));
  }
  auto client = read_realm_token(request);
  return client ? Decoded(token_exchange(request, *std::move(client), encode_realm_token))
                : Decoded(realm_error(client.error()));
}

class RunaiDialect : public Dialect {
 public:
  std::string_view surface() const override { return "runai"; }
  bool owns(std::string_view path) const override {
    return is_at_or_below(path, kPrefix) || path == kApiToken || is_at_or_below(path, kRealms);
  }
  std::vector<Route> routes() const override {
    return {{"GET", kAudit}, {"POST", kApiToken}, {"POST", kRealmToken}};
  }

  Decoded decode(const wire::Request& request, const DecodeContext&) const override {
    RouteMatch match = match_route(routes(), request.method, request.path());
    if (match.kind != RouteMatch::Kind::Found) {
      return refusal(match);
    }
    if (match.index == Audit) {
      return audit_exchange(request);
    }
    return decode_token(request, match.index);
  }

  wire::Response encode_error(const wire::Request&, const base::Error& error) const override {
    return error_body(error);
  }
};

}  // namespace

std::unique_ptr<Dialect> make_runai_dialect() {
  return std::make_unique<RunaiDialect>();
}

}  // namespace piperoll::dialect::runai
