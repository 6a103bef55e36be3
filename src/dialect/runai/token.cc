#include "dialect/runai/token.h"

#include <utility>

#include "base/json.h"
#include "dialect/common/call.h"
#include "dialect/common/failure.h"
#include "dialect/runai/error_body.h"
#include "wire/url.h"

namespace piperoll::dialect::runai {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::JsonWriter;
using base::Result;

Error refused(const char* code, std::string message) {
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(message), .code = code};
}

Error unsupported_grant(std::string_view allowed) {
  return refused("unsupported_grant_type", "the grant must be " + std::string(allowed));
}

Result<auth::Credential> client(std::string id, const std::string& secret) {
  if (id.empty() || secret.empty()) {
    return refused("invalid_request", "the id and the secret of the client are required");
  }
  auth::Credential credential = secret_credential(secret);
  credential.client_id = std::move(id);
  return credential;
}

// The first of these members that has a text.
std::string text_of(const JsonValue& body, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    if (const std::string_view text = body.text(name); !text.empty()) {
      return std::string(text);
    }
  }
  return {};
}

wire::Response token_response(std::string body) {
  wire::Response response = wire::make_response(200, "application/json", std::move(body));
  response.set("Cache-Control", "no-store");
  return response;
}

wire::Response oauth_error(int status, std::string_view code, std::string_view description) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("error", code).member("error_description", description).end_object();
  wire::Response response = wire::make_response(status, "application/json", std::move(body));
  response.set("Cache-Control", "no-store");
  if (status == 401) {
    response.set("WWW-Authenticate", "Basic realm=\"piperoll\"");
  }
  add_retry_after(response);
  return response;
}

}  // namespace

Result<auth::Credential> read_api_token(std::string_view json) {
  base::JsonParser parser;
  auto body = parser.parse(json);
  if (!body || !body->is(JsonKind::Object)) {
    return refused("invalid_request", "the body must be a JSON object");
  }
  const std::string_view grant = body->text("grantType");
  if (grant != "client_credentials" && grant != "app_token") {
    return unsupported_grant("client_credentials or app_token");
  }
  return client(text_of(*body, {"clientId", "clientID", "AppId", "appId"}),
                text_of(*body, {"clientSecret", "AppSecret", "appSecret"}));
}

Result<auth::Credential> read_realm_token(const wire::Request& request) {
  const wire::Parameters form = wire::parse_query_leniently(request.body);
  const auto value = [&](std::string_view name) {
    return std::string(wire::find(form, name).value_or(""));
  };
  if (value("grant_type") != "client_credentials") {
    return unsupported_grant("client_credentials");
  }
  // RFC 6749 2.3.1: in the header, or in the form.
  auth::Credential basic = basic_credential(request);
  if (basic.kind != auth::Credential::Kind::None) {
    return basic;
  }
  return client(value("client_id"), value("client_secret"));
}

wire::Response realm_error(const base::Error& error) {
  const int status = http_status_of(error);
  switch (status) {
    case 400:
      return oauth_error(400, error.code, error.message);
    case 401:
      return oauth_error(401, "invalid_client", "Invalid client or Invalid client credentials");
    case 403:
      return oauth_error(403, "unauthorized_client", error.message);
    default:
      return oauth_error(status, status == 500 ? "server_error" : "temporarily_unavailable",
                         status == 500 ? "internal error" : error.message);
  }
}

wire::Response encode_api_token(operation::Reply&& reply) {
  if (!reply.outcome) {
    return error_body(reply.outcome.error());
  }
  const auto* issued = std::get_if<operation::TokenIssued>(&*reply.outcome);
  if (issued == nullptr) {
    return error_body(unexpected_outcome());
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("accessToken", issued->token).member("idToken", issued->token);
  json.key("expiresIn").integer(issued->seconds).member("tokenType", "bearer").end_object();
  return token_response(std::move(body));
}

wire::Response encode_realm_token(operation::Reply&& reply) {
  if (!reply.outcome) {
    return realm_error(reply.outcome.error());
  }
  const auto* issued = std::get_if<operation::TokenIssued>(&*reply.outcome);
  if (issued == nullptr) {
    return realm_error(unexpected_outcome());
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("access_token", issued->token);
  json.key("expires_in").integer(issued->seconds).key("refresh_expires_in").integer(0);
  json.member("token_type", "bearer").member("id_token", issued->token);
  json.member("scope", "openid").end_object();
  return token_response(std::move(body));
}

}  // namespace piperoll::dialect::runai
