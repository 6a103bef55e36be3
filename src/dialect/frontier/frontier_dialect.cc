#include "dialect/frontier/frontier_dialect.h"

#include <utility>

#include "dialect/common/call.h"
#include "dialect/common/route_match.h"
#include "dialect/frontier/decode.h"
#include "dialect/frontier/encode.h"
#include "dialect/frontier/status.h"

namespace piperoll::dialect::frontier {
namespace {

constexpr std::string_view kPrefix = "/v1beta1";
constexpr std::string_view kLogs = "/v1beta1/organizations/{org_id}/auditlogs";
constexpr std::string_view kLog = "/v1beta1/organizations/{org_id}/auditlogs/{id}";
enum RouteIndex : std::size_t { Create, List, Get };

wire::Response refusal(const RouteMatch& match) {
  if (match.kind == RouteMatch::Kind::UnknownPath) {
    return status_response(404, Code::NotFound, "Not Found");
  }
  // The gateway has no 405: a wrong method counts as not implemented.
  wire::Response response = status_response(501, Code::Unimplemented, "Method Not Allowed");
  response.set("Allow", match.allow);
  return response;
}

template <class Operation>
Decoded exchange(const wire::Request& request, const std::string& org_id,
                 Checked<Operation> checked, wire::Response (*encode)(operation::Reply&&)) {
  if (auto* refused = std::get_if<wire::Response>(&checked)) {
    return std::move(*refused);
  }
  Exchange exchange{call_for("frontier", request), encode};
  exchange.call.credential = credential_of(request);
  exchange.call.org = {operation::OrgReference::Place::Path, org_id};
  set_operation(exchange.call, operation::Operation{std::get<Operation>(std::move(checked))},
                auth::Right::Find);
  return exchange;
}

class FrontierDialect : public Dialect {
 public:
  std::string_view surface() const override { return "frontier"; }
  bool owns(std::string_view path) const override { return is_at_or_below(path, kPrefix); }
  std::vector<Route> routes() const override {
    return {{"POST", kLogs}, {"GET", kLogs}, {"GET", kLog}};
  }

  Decoded decode(const wire::Request& request, const DecodeContext&) const override {
    RouteMatch match = match_route(routes(), request.method, request.path());
    if (match.kind != RouteMatch::Kind::Found) {
      return refusal(match);
    }
    const std::string& org_id = match.captures.front();
    switch (match.index) {
      case Create:
        return exchange(request, org_id, decode_create(org_id, request), encode_create);
      case List:
        return exchange(request, org_id, decode_list(org_id, request), encode_list);
      default:
        return exchange(request, org_id, decode_get(org_id, match.captures.back()), encode_get);
    }
  }

  wire::Response encode_error(const wire::Request&, const base::Error& error) const override {
    return error_response(error);
  }
};

}  // namespace

std::unique_ptr<Dialect> make_frontier_dialect() {
  return std::make_unique<FrontierDialect>();
}

}  // namespace piperoll::dialect::frontier
