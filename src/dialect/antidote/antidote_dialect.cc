#include "dialect/antidote/antidote_dialect.h"

#include <utility>

#include "dialect/antidote/decode.h"
#include "dialect/antidote/encode.h"
#include "dialect/antidote/login.h"
#include "dialect/common/call.h"
#include "dialect/common/route_match.h"

namespace piperoll::dialect::antidote {
namespace {

constexpr std::string_view kPrefix = "/api/audit-trail";
constexpr std::string_view kRecords = "/api/audit-trail/records";
constexpr std::string_view kRecord = "/api/audit-trail/records/{record_uuid}";
constexpr std::string_view kAuthPrefix = "/api/auth";
constexpr std::string_view kLogin = "/api/auth/login";
constexpr std::string_view kMe = "/api/auth/me";
enum RouteIndex : std::size_t { Create, List, Get, Login, Me };

wire::Response refusal(const RouteMatch& match) {
  if (match.kind == RouteMatch::Kind::UnknownPath) {
    return error_response(404, "NOT_FOUND", "Not Found");
  }
  wire::Response response = error_response(405, "METHOD_NOT_ALLOWED", "Method Not Allowed");
  response.set("Allow", match.allow);
  return response;
}

class AntidoteDialect : public Dialect {
 public:
  std::string_view surface() const override { return "antidote"; }
  bool owns(std::string_view path) const override {
    return is_at_or_below(path, kPrefix) || is_at_or_below(path, kAuthPrefix);
  }
  std::vector<Route> routes() const override {
    return {
        {"POST", kRecords}, {"GET", kRecords}, {"GET", kRecord}, {"POST", kLogin}, {"GET", kMe}};
  }

  Decoded decode(const wire::Request& request, const DecodeContext&) const override {
    RouteMatch match = match_route(routes(), request.method, request.path());
    if (match.kind != RouteMatch::Kind::Found) {
      return refusal(match);
    }
    const wire::Parameters parameters = wire::parse_query_leniently(request.query());
    Exchange exchange{call_for("antidote", request), nullptr};
    exchange.call.credential = credential_of(request);
    exchange.call.org = org_in_query(parameters);
    switch (match.index) {
      case Create:
        exchange.encode = encode_created;
        set_operation(exchange.call, decode_create(request), auth::Right::Append);
        break;
      case List: {
        Paging paging;
        set_operation(exchange.call, decode_list(parameters, paging), auth::Right::Find);
        exchange.encode = [paging](operation::Reply&& reply) {
          return encode_list(paging, std::move(reply));
        };
        break;
      }
      case Login: {
        auto credential = read_login(request.body, exchange.call.org.text);
        if (!credential) {
          return antidote::encode_error(credential.error());
        }
        exchange.call.credential = *std::move(credential);
        set_operation(exchange.call, operation::Operation(operation::IssueToken{}),
                      auth::Right::Identify);
        exchange.encode = [secure = request.tls](operation::Reply&& reply) {
          return encode_login(secure, std::move(reply));
        };
        break;
      }
      case Me:
        exchange.encode = encode_me;
        set_operation(exchange.call, operation::Operation(operation::Identify{}),
                      auth::Right::Identify);
        break;
      default:
        exchange.encode = encode_got;
        set_operation(
            exchange.call,
            operation::Operation(operation::GetEvent{.id_or_seq = match.captures.front()}),
            auth::Right::Find);
    }
    return exchange;
  }

  wire::Response encode_error(const wire::Request&, const base::Error& error) const override {
    return antidote::encode_error(error);
  }
};

}  // namespace

std::unique_ptr<Dialect> make_antidote_dialect() {
  return std::make_unique<AntidoteDialect>();
}

}  // namespace piperoll::dialect::antidote
