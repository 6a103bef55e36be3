#include "server/login_server.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/json.h"
#include "net/fetch.h"
#include "server/issuer_keys.h"
#include "server/small_files.h"
#include "wire/url.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::Result;

constexpr std::int64_t kKnownMicros = std::int64_t{3600} * 1'000'000;  // then discovery again
constexpr std::int64_t kRetryMicros = 5'000'000;                       // after a failure
constexpr std::size_t kAnswerBytesMax = std::size_t{64} << 10;
constexpr std::size_t kSecretBytesMax = 4'096;

Error unavailable(std::string what) {
  return {.kind = ErrorKind::Unavailable, .message = std::move(what)};
}

bool has_text(const JsonValue& object, std::string_view name, std::string_view text) {
  JsonValue list;
  if (!object.find(name, list) || !list.is(JsonKind::Array)) {
    return false;
  }
  const auto elements = list.elements();
  return std::any_of(elements.begin(), elements.end(), [&](const JsonValue& element) {
    return element.is(JsonKind::String) && element.as_string() == text;
  });
}

std::string form_of(const auth::FormParameters& parameters) {
  std::string form;
  for (const auto& [name, value] : parameters) {
    form += (form.empty() ? "" : "&") + name + "=" + wire::percent_encode(value);
  }
  return form;
}

Result<std::string> read_secret(const std::string& path) {
  ASSIGN_OR_RETURN(std::string secret, read_small_file(path));
  while (secret.ends_with('\n') || secret.ends_with('\r')) {
    secret.pop_back();
  }
  if (secret.empty() || secret.size() > kSecretBytesMax) {
    return unavailable(path + " must hold a secret of 1 to " + std::to_string(kSecretBytesMax) +
                       " bytes");
  }
  return secret;
}

// The answer of a token end point (RFC 6749 5). What it says of an error is shown in diagnostics,
// its description is not: it may repeat what was sent.
Result<std::string> read_id_token(const net::PostedAnswer& answer) {
  base::JsonParser parser;
  auto body = parser.parse(answer.body);
  const bool object = body && body->is(JsonKind::Object);
  if (answer.status >= 500) {
    return unavailable("the token end point answers " + std::to_string(answer.status));
  }
  if (answer.status != 200 || !object) {
    const std::string error(object ? body->text("error") : "");
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "the token end point answers " + std::to_string(answer.status) +
                            (error.empty() ? "" : " " + error.substr(0, 100))};
  }
  std::string token(body->text("id_token"));
  if (token.empty()) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "the token end point gives no id_token"};
  }
  return token;
}

}  // namespace

Result<LoginEndPoints> read_login_end_points(const std::string& issuer,
                                             std::string_view discovery) {
  base::JsonParser parser;
  auto document = parser.parse(discovery);
  if (!document || document->text("issuer") != issuer) {
    return unavailable("the discovery document is not that of " + issuer);
  }
  constexpr std::string_view kMethods = "token_endpoint_auth_methods_supported";
  JsonValue says;
  LoginEndPoints points{
      .authorization = std::string(document->text("authorization_endpoint")),
      .token = std::string(document->text("token_endpoint")),
      .says_issuer = document->find("authorization_response_iss_parameter_supported", says) &&
                     says.is(JsonKind::Boolean) && says.as_bool(),
      .secret_in_form = has_text(*document, kMethods, "client_secret_post") &&
                        !has_text(*document, kMethods, "client_secret_basic")};
  if (!net::is_fetchable(points.authorization) || !net::is_fetchable(points.token)) {
    return unavailable("the discovery document of " + issuer + " has no good end points");
  }
  return points;
}

std::string with_parameters(std::string address, const auth::FormParameters& parameters) {
  const char between = address.find('?') == std::string::npos ? '?' : '&';
  return std::move(address) + between + form_of(parameters);
}

HttpLoginServer::HttpLoginServer(const IssuerConfig& config, const base::Clock& clock)
    : issuer_(config.issuer.issuer),
      ca_file_(config.ca_file),
      login_(*config.login),
      clock_(clock) {
  if (!login_.token_url.empty()) {
    known_ = LoginEndPoints{.authorization = login_.authorization_url, .token = login_.token_url};
  }
}

Result<LoginEndPoints> HttpLoginServer::discover() const {
  ASSIGN_OR_RETURN(net::FetchedDocument document,
                   net::fetch_document(discovery_address(issuer_), {.ca_file = ca_file_}));
  return read_login_end_points(issuer_, document.body);
}

// What was known stays in use while the issuer does not answer. Two threads may ask at once, which
// does no harm.
Result<LoginEndPoints> HttpLoginServer::end_points() {
  const std::int64_t now = clock_.monotonic_micros();
  {
    base::MutexLock lock(mutex_);
    const std::int64_t age = now - asked_at_;
    if (known_ && (!login_.token_url.empty() || age < (failure_ ? kRetryMicros : kKnownMicros))) {
      return *known_;
    }
    if (!known_ && failure_ && age < kRetryMicros) {
      return *failure_;
    }
  }
  auto found = discover();
  base::MutexLock lock(mutex_);
  asked_at_ = now;
  if (found) {
    known_ = *found;
    failure_.reset();
  } else {
    failure_ = found.error();
    failure_->kind = ErrorKind::Unavailable;
  }
  return known_ ? Result<LoginEndPoints>(*known_) : Result<LoginEndPoints>(*failure_);
}

Result<std::string> HttpLoginServer::authorization_address(const auth::FormParameters& parameters) {
  ASSIGN_OR_RETURN(LoginEndPoints points, end_points());
  return with_parameters(std::move(points.authorization), parameters);
}

Result<bool> HttpLoginServer::says_issuer() {
  ASSIGN_OR_RETURN(LoginEndPoints points, end_points());
  return points.says_issuer;
}

// Read each time, so that a new secret needs no restart.
Result<std::string> HttpLoginServer::client_secret() const {
  if (login_.client_secret_file.empty()) {
    return std::string();
  }
  auto secret = read_secret(login_.client_secret_file);
  if (!secret) {
    return unavailable("cannot read the client secret: " + secret.error().message);
  }
  return secret;
}

// RFC 6749 2.3.1: both parts are encoded as in forms before they are joined.
Result<std::string> HttpLoginServer::redeem(const auth::FormParameters& parameters) {
  ASSIGN_OR_RETURN(LoginEndPoints points, end_points());
  ASSIGN_OR_RETURN(std::string secret, client_secret());
  net::FormPost form{.body = form_of(parameters)};
  if (secret.empty() || points.secret_in_form) {
    form.body += "&client_id=" + wire::percent_encode(login_.client_id);
  }
  if (!secret.empty() && points.secret_in_form) {
    form.body += "&client_secret=" + wire::percent_encode(secret);
  } else if (!secret.empty()) {
    form.authorization = "Basic " + base::base64_encode(wire::percent_encode(login_.client_id) +
                                                        ":" + wire::percent_encode(secret));
  }
  auto answer =
      net::post_form(points.token, form, {.bytes_max = kAnswerBytesMax, .ca_file = ca_file_});
  if (!answer) {
    return unavailable(answer.error().message);
  }
  return read_id_token(*answer);
}

Result<std::unique_ptr<auth::IssuerLogins>> make_logins(const std::vector<IssuerConfig>& issuers,
                                                        const std::string& public_url,
                                                        const auth::TokenVerifier& tokens,
                                                        const base::Clock& clock) {
  RETURN_IF_ERROR(check_login_secrets(issuers));
  std::vector<auth::IssuerLogins::Login> logins;
  for (const IssuerConfig& config : issuers) {
    if (!config.login) {
      continue;
    }
    const auto& all = tokens.trusted();
    const auto trusted = std::find_if(all.begin(), all.end(), [&](const auto& one) {
      return one.issuer.issuer == config.issuer.issuer;
    });
    logins.push_back({{.name = config.login->name,
                       .client_id = config.login->client_id,
                       .scopes = config.login->scopes,
                       .redirect_address = public_url + kLoginReturnPath},
                      &*trusted,
                      std::make_unique<HttpLoginServer>(config, clock)});
  }
  return logins.empty() ? nullptr : std::make_unique<auth::IssuerLogins>(std::move(logins));
}

Result<void> check_login_secrets(const std::vector<IssuerConfig>& issuers) {
  for (const IssuerConfig& config : issuers) {
    if (!config.login || config.login->client_secret_file.empty()) {
      continue;
    }
    if (auto secret = read_secret(config.login->client_secret_file); !secret) {
      return std::move(secret).error().with_context("issuer " + config.issuer.name);
    }
  }
  return {};
}

}  // namespace piperoll::server
