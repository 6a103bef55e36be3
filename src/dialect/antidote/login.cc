#include "dialect/antidote/login.h"

#include <memory>
#include <utility>

#include "base/json.h"
#include "dialect/antidote/encode.h"
#include "dialect/antidote/validation.h"
#include "dialect/common/call.h"
#include "dialect/common/failure.h"

namespace piperoll::dialect::antidote {
namespace {

using base::JsonKind;
using base::JsonValue;
using base::JsonWriter;

// A text that must be there; a fault where it is not.
std::string required_text(const JsonValue& body, std::string_view name, Validation& faults) {
  JsonValue value;
  if (!body.find(name, value)) {
    faults.add("missing", body_loc(name), "Field required", "null");
    return "";
  }
  if (!value.is(JsonKind::String)) {
    faults.add("string_type", body_loc(name), "Input should be a valid string", "null");
    return "";
  }
  return std::string(value.as_string());
}

// What a client is told of itself.
void write_user(JsonWriter& json, const auth::Principal& principal, const operation::Reply& reply) {
  json.begin_object().member("id", principal.subject);
  json.key("email");
  if (principal.email.empty()) {
    json.null();
  } else {
    json.string(principal.email);
  }
  json.member("name", principal.name);
  json.key("roles").begin_array();
  for (auth::Role role : principal.roles.list()) {
    json.string(auth::to_string(role));
  }
  json.end_array().key("workspace");
  if (reply.org) {
    json.begin_object().member("id", reply.org->id.to_string());
    json.member("name", reply.org->name).end_object();
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace

base::Result<auth::Credential> read_login(std::string_view json, const std::string& organisation) {
  Validation faults;
  base::JsonParser parser;
  auto body = parser.parse(json);
  if (!body || !body->is(JsonKind::Object)) {
    faults.add("json_invalid", "[\"body\",0]", "JSON decode error", "{}");
    return faults.error();
  }
  const std::string email = required_text(*body, "email", faults);
  const std::string password = required_text(*body, "password", faults);
  if (!faults.empty()) {
    return faults.error();
  }
  if (may_be_credential(password)) {
    auth::Credential credential = secret_credential(password);
    credential.client_id = email;
    return credential;
  }
  auth::Credential credential{.kind = auth::Credential::Kind::Password};
  credential.login = std::make_shared<const auth::PasswordLogin>(
      auth::PasswordLogin{.email = email, .password = password, .organisation = organisation});
  return credential;
}

wire::Response encode_login(bool secure, operation::Reply&& reply) {
  if (!reply.outcome) {
    return encode_error(reply.outcome.error());
  }
  const auto* issued = std::get_if<operation::TokenIssued>(&*reply.outcome);
  if (issued == nullptr) {
    return encode_error(unexpected_outcome());
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("access_token", issued->token).member("token_type", "bearer");
  json.key("expires_in").integer(issued->seconds).key("user");
  write_user(json, issued->principal, reply);
  json.end_object();
  wire::Response response = wire::make_response(200, "application/json", std::move(body));
  response.set("Cache-Control", "no-store");
  response.set("Set-Cookie", "antidote_session=" + issued->token +
                                 "; Path=/; Max-Age=" + std::to_string(issued->seconds) +
                                 "; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : ""));
  return response;
}

wire::Response encode_me(operation::Reply&& reply) {
  if (!reply.outcome) {
    return encode_error(reply.outcome.error());
  }
  const auto* identified = std::get_if<operation::Identified>(&*reply.outcome);
  if (identified == nullptr) {
    return encode_error(unexpected_outcome());
  }
  std::string body;
  JsonWriter json(body);
  write_user(json, identified->principal, reply);
  wire::Response response = wire::make_response(200, "application/json", std::move(body));
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace piperoll::dialect::antidote
