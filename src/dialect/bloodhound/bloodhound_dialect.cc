#include "dialect/bloodhound/bloodhound_dialect.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "dialect/bloodhound/decode.h"
#include "dialect/bloodhound/encode.h"
#include "dialect/bloodhound/error_body.h"
#include "dialect/bloodhound/preamble.h"
#include "dialect/common/call.h"
#include "dialect/common/route_match.h"

namespace piperoll::dialect::bloodhound {
namespace {

constexpr std::string_view kPrefix = "/api/v2";
constexpr std::string_view kAudit = "/api/v2/audit";
constexpr std::int64_t kWaitSecondsMax = 86'400;  // far beyond what the service ever waits

wire::Response refusal(const RouteMatch& match, const ErrorContext& context) {
  if (match.kind == RouteMatch::Kind::UnknownPath) {
    return error_body(context, 404, "resource not found");
  }
  wire::Response response = error_body(context, 405, "method not allowed");
  response.set("Allow", match.allow);
  return response;
}

// Said on every answer to a request that asked for a positive wait.
wire::Response with_preference(wire::Response response, std::optional<std::int64_t> wait_seconds) {
  if (wait_seconds) {
    response.set("Preference-Applied", "wait=" + std::to_string(*wait_seconds) + ".00");
  }
  return response;
}

Exchange audit_exchange(const wire::Request& request, const ErrorContext& context,
                        std::optional<std::int64_t> wait_seconds, auth::Credential credential) {
  wire::Parameters parameters = wire::parse_query_leniently(request.query());
  operation::Call call = call_for("bloodhound", request);
  call.credential = std::move(credential);
  if (wait_seconds) {
    call.wait_micros_max = std::min(*wait_seconds, kWaitSecondsMax) * base::kMicrosPerSecond;
  }
  call.org = org_in_query(parameters);
  PageEcho echo;
  auto query = read_query(parameters, context.now);
  if (query) {
    echo = {query->limit, query->skip};
    set_operation(call, operation::Operation{std::move(query->find)}, auth::Right::Find);
  } else {
    set_operation(call, std::move(query).error(), auth::Right::Find);
  }
  return {std::move(call), [echo, context, wait_seconds](operation::Reply&& reply) {
            return with_preference(encode_page(std::move(reply), echo, context), wait_seconds);
          }};
}

class BloodhoundDialect : public Dialect {
 public:
  explicit BloodhoundDialect(const base::Clock* clock) : clock_(clock) {}

  std::string_view surface() const override { return "bloodhound"; }
  bool owns(std::string_view path) const override { return is_at_or_below(path, kPrefix); }
  std::vector<Route> routes() const override { return {{"GET", kAudit}}; }

  Decoded decode(const wire::Request& request, const DecodeContext& decode) const override {
    ErrorContext context{request.request_id, decode.now};
    RouteMatch match = match_route(routes(), request.method, request.path());
    if (match.kind != RouteMatch::Kind::Found) {
      return refusal(match, context);
    }
    auto wait_seconds = read_prefer(request);
    if (!wait_seconds) {
      return error_body(context, wait_seconds.error());
    }
    auto authorization = read_authorization(request);
    if (!authorization) {
      return with_preference(error_body(context, 400, authorization.error().message),
                             *wait_seconds);
    }
    context.signed_at = authorization->signed_at;
    return audit_exchange(request, context, *wait_seconds, std::move(authorization->credential));
  }

  wire::Response encode_error(const wire::Request& request,
                              const base::Error& error) const override {
    base::Timestamp now = clock_ != nullptr ? clock_->now() : base::SystemClock().now();
    return error_body({request.request_id, now}, error);
  }

 private:
  const base::Clock* clock_;  // null: the system's
};

}  // namespace

std::unique_ptr<Dialect> make_bloodhound_dialect() {
  return std::make_unique<BloodhoundDialect>(nullptr);
}

std::unique_ptr<Dialect> make_bloodhound_dialect(const base::Clock& clock) {
  return std::make_unique<BloodhoundDialect>(&clock);
}

}  // namespace piperoll::dialect::bloodhound
