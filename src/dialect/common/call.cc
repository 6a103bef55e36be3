#include "dialect/common/call.h"

#include <algorithm>
#include <utility>

#include "auth/api_key.h"
#include "auth/web_token.h"
#include "base/bytes.h"
#include "base/unicode.h"
#include "event/event_limits.h"

namespace piperoll::dialect {
namespace {

// As much of it as an event may hold; nothing if it is not text.
std::string kept_user_agent(std::string_view user_agent) {
  if (!base::is_valid_utf8(user_agent)) {
    return {};
  }
  std::size_t code_points = 0, bytes = 0;
  for (; bytes < user_agent.size(); ++bytes) {
    bool starts_one = (static_cast<unsigned char>(user_agent[bytes]) & 0xc0U) != 0x80U;
    if (starts_one && ++code_points > event::kUserAgentMax) {
      break;
    }
  }
  return std::string(user_agent.substr(0, bytes));
}

}  // namespace

operation::Call call_for(std::string_view surface, const wire::Request& request) {
  operation::Call call;
  call.surface = surface;
  call.credential = secret_credential(bearer_token(request).value_or(""));
  call.remote_address = request.remote_address;
  call.user_agent = kept_user_agent(request.header("User-Agent").value_or(""));
  call.request_id = request.request_id;
  call.method = request.method;
  call.path = request.path();
  return call;
}

std::optional<std::string_view> bearer_token(const wire::Request& request) {
  std::string_view value = request.header("Authorization").value_or("");
  std::size_t space = value.find(' ');
  if (space == std::string_view::npos ||
      !wire::header_name_equal(value.substr(0, space), "Bearer")) {
    return std::nullopt;
  }
  value.remove_prefix(std::min(value.find_first_not_of(' ', space), value.size()));
  return value.empty() ? std::nullopt : std::optional(value);
}

auth::Credential secret_credential(std::string_view secret) {
  if (secret.empty()) {
    return {};
  }
  return {.kind = auth::Credential::Kind::Secret, .secret = std::string(secret)};
}

auth::Credential basic_credential(const wire::Request& request) {
  constexpr std::string_view kScheme = "Basic ";
  std::string_view value = request.header("Authorization").value_or("");
  if (!wire::header_name_equal(value.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  auto decoded = base::base64_decode(value.substr(kScheme.size()));
  if (!decoded || std::count(decoded->begin(), decoded->end(), ':') != 1) {
    return {};
  }
  const std::size_t colon = decoded->find(':');
  auth::Credential credential = secret_credential(std::string_view(*decoded).substr(colon + 1));
  if (credential.kind != auth::Credential::Kind::None) {
    credential.client_id = decoded->substr(0, colon);
  }
  return credential;
}

bool may_be_credential(std::string_view text) {
  return auth::is_well_formed_api_key(text) || auth::has_form_of_token(text);
}

operation::OrgReference org_in_query(const wire::Parameters& parameters) {
  std::string_view org = wire::find(parameters, "org").value_or("");
  if (org.empty()) {
    return {};
  }
  return {operation::OrgReference::Place::Query, std::string(org)};
}

void set_operation(operation::Call& call, base::Result<operation::Operation> operation,
                   auth::Right right_if_error) {
  call.right = operation ? operation::right_of(*operation) : right_if_error;
  call.operation = std::move(operation);
}

}  // namespace piperoll::dialect
