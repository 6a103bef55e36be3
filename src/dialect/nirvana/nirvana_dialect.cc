#include "dialect/nirvana/nirvana_dialect.h"

#include <utility>

#include "dialect/common/call.h"
#include "dialect/common/route_match.h"
#include "dialect/nirvana/decode.h"
#include "dialect/nirvana/encode.h"

namespace piperoll::dialect::nirvana {
namespace {

constexpr std::string_view kLogs = "/v1/audit_logs";
constexpr std::string_view kLog = "/v1/audit_logs/{audit_log_id}";
enum RouteIndex : std::size_t { List, Get };

wire::Response refusal(const RouteMatch& match) {
  if (match.kind == RouteMatch::Kind::UnknownPath) {
    return error_response(404, "not found");
  }
  wire::Response response = error_response(405, "method not allowed");
  response.set("Allow", match.allow);
  return response;
}

class NirvanaDialect : public Dialect {
 public:
  std::string_view surface() const override { return "nirvana"; }
  bool owns(std::string_view path) const override { return is_at_or_below(path, kLogs); }
  std::vector<Route> routes() const override { return {{"GET", kLogs}, {"GET", kLog}}; }

  Decoded decode(const wire::Request& request, const DecodeContext&) const override {
    RouteMatch match = match_route(routes(), request.method, request.path());
    if (match.kind != RouteMatch::Kind::Found) {
      return refusal(match);
    }
    const wire::Parameters parameters = wire::parse_query_leniently(request.query());
    Exchange exchange{call_for("nirvana", request), nullptr};
    exchange.call.org = org_in_query(parameters);
    if (match.index == List) {
      exchange.encode = encode_list;
      set_operation(exchange.call, decode_list(parameters), auth::Right::Find);
    } else {
      exchange.encode = encode_get;
      set_operation(exchange.call,
                    operation::Operation(operation::GetEvent{.id_or_seq = match.captures.front()}),
                    auth::Right::Find);
    }
    return exchange;
  }

  wire::Response encode_error(const wire::Request&, const base::Error& error) const override {
    return nirvana::encode_error(error);
  }
};

}  // namespace

std::unique_ptr<Dialect> make_nirvana_dialect() {
  return std::make_unique<NirvanaDialect>();
}

}  // namespace piperoll::dialect::nirvana
