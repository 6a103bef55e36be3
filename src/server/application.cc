#include "server/application.h"

#include <algorithm>
#include <utility>

#include "base/diagnostics.h"
#include "base/json.h"
#include "dialect/antidote/antidote_dialect.h"
#include "dialect/bloodhound/bloodhound_dialect.h"
#include "dialect/frontier/frontier_dialect.h"
#include "dialect/nirvana/nirvana_dialect.h"
#include "dialect/runai/runai_dialect.h"

namespace piperoll::server {
namespace {

using wire::Request;
using wire::Response;

constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

Response status_response(int status, std::string_view state, std::string_view reason) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object();
  json.member("status", state);
  if (!reason.empty()) {
    json.member("reason", reason);
  }
  json.end_object();
  Response response = wire::make_response(status, "application/json", std::move(body));
  response.set("Cache-Control", "no-store");
  if (status == 503) {
    response.set("Retry-After", "1");
  }
  return response;
}

// draft-ietf-httpapi-ratelimit-headers: all limits in one header, the nearest one in the other; and
// where one of them refused the request, when to come back.
void add_limits(Response& response, const std::vector<operation::LimitState>& limits) {
  if (limits.empty()) {
    return;
  }
  std::string policy;
  const operation::LimitState* nearest = &limits.front();
  for (const operation::LimitState& limit : limits) {
    policy += (policy.empty() ? "\"" : ", \"") + std::string(limit.name) +
              "\";q=" + std::to_string(limit.quota) + ";w=" + std::to_string(limit.window_seconds);
    if (limit.remaining * nearest->quota < nearest->remaining * limit.quota) {
      nearest = &limit;
    }
    if (limit.retry_seconds > 0) {
      nearest = &limit;
      std::erase_if(response.headers, [](const auto& header) {
        return wire::header_name_equal(header.first, "Retry-After");
      });
      response.set("Retry-After", std::to_string(limit.retry_seconds));
    }
  }
  response.set("RateLimit-Policy", std::move(policy));
  response.set("RateLimit", "\"" + std::string(nearest->name) +
                                "\";r=" + std::to_string(nearest->remaining) +
                                ";t=" + std::to_string(nearest->reset_seconds));
}

// A client that shows nothing else is who its certificate says, where that is one of ours.
void show_certificate(const CertificateClients& clients, const Request& request,
                      operation::Call& call) {
  if (call.credential.kind != auth::Credential::Kind::None || request.client_certificate.empty()) {
    return;
  }
  if (auto found = clients.find(std::string(request.client_certificate)); found != clients.end()) {
    call.credential = {.kind = auth::Credential::Kind::Secret, .token = found->second};
  }
}

// RFC 9110 5.3: it is no list, so a second one is a mistake, or meant to show a proxy another
// credential than us.
bool has_two_authorizations(const Request& request) {
  return std::count_if(request.headers.begin(), request.headers.end(),
                       [](const wire::HeaderView& header) {
                         return wire::header_name_equal(header.name, "Authorization");
                       }) > 1;
}

}  // namespace

std::vector<std::unique_ptr<dialect::Dialect>> all_dialects(dialect::native::NativeOptions native) {
  std::vector<std::unique_ptr<dialect::Dialect>> dialects;
  dialects.push_back(dialect::frontier::make_frontier_dialect());
  dialects.push_back(dialect::bloodhound::make_bloodhound_dialect());
  dialects.push_back(dialect::nirvana::make_nirvana_dialect());
  dialects.push_back(dialect::antidote::make_antidote_dialect());
  dialects.push_back(dialect::runai::make_runai_dialect());
  dialects.push_back(dialect::native::make_native_dialect(std::move(native)));
  return dialects;
}

std::vector<dialect::Route> operational_routes() {
  return {{"GET", "/"},
          {"GET", "/healthz"},
          {"GET", "/readyz"},
          {"GET", "/metrics"},
          {"GET", "/openapi.json"},
          {"GET", "/docs"},
          {"POST", "/v1/witness/add-checkpoint"},
          {"GET", "/v1/witness/{origin_hash}/checkpoint"}};
}

std::vector<std::string> surface_names(
    const std::vector<std::unique_ptr<dialect::Dialect>>& dialects) {
  std::vector<std::string> names;
  names.reserve(dialects.size() + 1);
  for (const auto& dialect : dialects) {
    names.emplace_back(dialect->surface());
  }
  names.emplace_back("operational");
  return names;
}

Application::Application(ApplicationParts parts) : parts_(std::move(parts)) {}

std::size_t Application::owner_of(std::string_view path) const {
  for (std::size_t i = 0; i < parts_.dialects.size(); ++i) {
    if (parts_.dialects[i]->owns(path)) {
      return i;
    }
  }
  return parts_.dialects.size() - 1;
}

std::size_t Application::surface(const Request& request) {
  const std::string_view path = request.path();
  for (std::string_view own : {"/healthz", "/readyz", "/metrics"}) {
    if (path == own) {
      return parts_.dialects.size();
    }
  }
  return site_.has(path) || Witness::owns(path) ? parts_.dialects.size() : owner_of(path);
}

// The paths that need no credential.
std::optional<Response> Application::operational(const Request& request) const {
  const std::string_view path = request.path();
  const bool known = path == "/healthz" || path == "/readyz" || site_.has(path) ||
                     (path == "/metrics" && parts_.metrics);
  if (!known) {
    return std::nullopt;
  }
  if (request.method != "GET") {
    Response response =
        parts_.dialects.back()->encode_error(request, {.kind = base::ErrorKind::InvalidArgument,
                                                       .message = "this address takes GET",
                                                       .code = "method_not_allowed"});
    response.status = 405;
    response.set("Allow", "GET, HEAD");
    return response;
  }
  if (path == "/healthz") {
    return status_response(200, "alive", "");
  }
  if (path == "/readyz") {
    auto ready = parts_.ready();
    return ready ? status_response(200, "ready", "")
                 : status_response(503, "not ready", ready.error().message);
  }
  if (path == "/metrics") {
    return wire::make_response(200, std::string(kMetricsType), parts_.metrics());
  }
  return site_.answer(request);
}

void Application::handle(const Request& sent, std::function<void(Response)> done) {
  if (sent.method == "HEAD") {
    Request asked = sent;
    asked.method = "GET";  // the front leaves the body out
    answer(asked, std::move(done));
  } else {
    answer(sent, std::move(done));
  }
}

void Application::answer(const Request& request, std::function<void(Response)> done) {
  if (auto response = operational(request)) {
    done(*std::move(response));
    return;
  }
  if (parts_.witness != nullptr && Witness::owns(request.path())) {
    parts_.witness->handle(request, done);
    return;
  }
  const dialect::Dialect& dialect = *parts_.dialects[owner_of(request.path())];
  if (has_two_authorizations(request)) {
    done(dialect.encode_error(request, {.kind = base::ErrorKind::InvalidArgument,
                                        .message = "there are two Authorization headers",
                                        .code = "malformed_request"}));
    return;
  }
  dialect::Decoded decoded = dialect.decode(request, {.now = parts_.clock.now()});
  if (auto* response = std::get_if<Response>(&decoded)) {
    done(std::move(*response));
    return;
  }
  auto& exchange = std::get<dialect::Exchange>(decoded);
  show_certificate(parts_.clients, request, exchange.call);
  parts_.service.execute(
      std::move(exchange.call), [encode = std::move(exchange.encode), done = std::move(done),
                                 request_id = request.request_id](operation::Reply reply) {
        if (!reply.outcome && !reply.outcome.error().detail.empty()) {
          base::error("a request failed", {{"request_id", request_id},
                                           {"reason", reply.outcome.error().message},
                                           {"detail", reply.outcome.error().detail}});
        }
        const auto limits = std::move(reply.limits);
        Response response = encode(std::move(reply));
        add_limits(response, limits);
        done(std::move(response));
      });
}

std::optional<Response> Application::refuse(const Request& request, const base::Error& error) {
  base::Error worded = error;
  switch (http::refusal_status(error)) {
    case 400:
    case 413:
    case 500:
    case 503:
      break;
    case 415:
      worded.code = "unsupported_coding";  // as the dialects know it
      break;
    default:
      return std::nullopt;  // of HTTP itself, not of a surface
  }
  return parts_.dialects[owner_of(request.path())]->encode_error(request, worded);
}

void MetricsHandler::handle(const Request& request, std::function<void(Response)> done) {
  if (request.path() == "/metrics" && (request.method == "GET" || request.method == "HEAD")) {
    done(wire::make_response(200, std::string(kMetricsType), metrics_()));
  } else {
    done(wire::text_response(404, "only GET /metrics is here\n"));
  }
}

}  // namespace piperoll::server
