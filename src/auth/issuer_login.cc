#include "auth/issuer_login.h"

#include <algorithm>
#include <future>

#include "auth/web_token.h"

namespace piperoll::auth {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kErrorBytesMax = 100;

Error refused(std::string why, const char* code = "login_refused") {
  return {.kind = ErrorKind::Unauthenticated, .message = std::move(why), .code = code};
}

// The issuer did not answer, or not as it should.
Error failed(Error error) {
  error.code = error.kind == ErrorKind::Unavailable ? "login_unavailable" : "login_refused";
  if (error.kind != ErrorKind::Unavailable) {
    error.kind = ErrorKind::Unauthenticated;
  }
  return error;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

// What the issuer calls its reason, without anything that would not be shown.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kErrorBytesMax));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

// RFC 9207 2.4: one issuer's answer is never taken for another's.
Result<void> check_sender(const IssuerLogins::Login& login, const IssuerReturn& answer) {
  if (answer.issuer.empty()) {
    auto says = login.server->says_issuer();
    if (!says) {
      return failed(std::move(says).error());
    }
    return *says ? Result<void>(refused("the answer does not say which issuer it is of"))
                 : Result<void>();
  }
  return answer.issuer == login.trusted->issuer.issuer
             ? Result<void>()
             : Result<void>(refused("the answer is of another issuer"));
}

// Whether a newer set was fetched.
bool wait_for_newer(KeySource& keys) {
  auto ended = std::make_shared<std::promise<void>>();
  auto waiting = ended->get_future();
  if (!keys.refresh([ended] { ended->set_value(); })) {
    return false;
  }
  waiting.wait();
  return true;
}

Result<TokenIdentity> verify_once(const SignedToken& token, const IssuerLogins::Login& login,
                                  const IdTokenRequest& request, base::Timestamp now) {
  const auto keys = login.trusted->keys->keys();
  if (!keys) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "the issuer's keys could not be fetched yet",
                 .code = "unknown_key"};
  }
  return verify_id_token(token, login.trusted->issuer, request, *keys, now);
}

Result<TokenIdentity> verify(std::string_view text, const IssuerLogins::Login& login,
                             const IdTokenRequest& request, base::Timestamp now) {
  ASSIGN_OR_RETURN(SignedToken token, parse_token(text));
  auto identity = verify_once(token, login, request, now);
  if (!identity && identity.error().code == "unknown_key" && wait_for_newer(*login.trusted->keys)) {
    return verify_once(token, login, request, now);
  }
  return identity;
}

}  // namespace

Result<IssuerLogins::Begun> IssuerLogins::begin(std::string_view name, const std::string& return_to,
                                                base::Timestamp now) {
  const auto found = std::find_if(logins_.begin(), logins_.end(),
                                  [&](const Login& login) { return login.client.name == name; });
  if (found == logins_.end()) {
    return Error{.kind = ErrorKind::NotFound,
                 .message = "no issuer with this name lets people log in",
                 .code = "login_not_found"};
  }
  if (!is_local_address(return_to)) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "return_to must be an address on this server, like /",
                 .code = "foreign_return",
                 .faults = {{"return_to", "must be an address on this server, like /"}}};
  }
  auto begun = attempts_.begin(static_cast<std::size_t>(found - logins_.begin()), return_to, now);
  auto address = found->server->authorization_address(
      {{"response_type", "code"},
       {"client_id", found->client.client_id},
       {"redirect_uri", found->client.redirect_address},
       {"scope", joined(found->client.scopes)},
       {"state", begun.state},
       {"nonce", begun.attempt.nonce},
       {"code_challenge", pkce_challenge(begun.attempt.verifier)},
       {"code_challenge_method", "S256"}});
  if (!address) {
    static_cast<void>(attempts_.take(begun.state, begun.browser, now));
    return failed(std::move(address).error());
  }
  return Begun{*std::move(address), std::move(begun.browser)};
}

Result<IssuerLogins::Finished> IssuerLogins::finish(const IssuerReturn& answer,
                                                    base::Timestamp now) {
  auto attempt = attempts_.take(answer.state, answer.browser, now);
  if (!attempt) {
    return refused("no such attempt of this browser, or not any more", "login_expired");
  }
  return finish(logins_[attempt->login], *attempt, answer, now);
}

Result<IssuerLogins::Finished> IssuerLogins::finish(const Login& login, const LoginAttempt& attempt,
                                                    const IssuerReturn& answer,
                                                    base::Timestamp now) const {
  RETURN_IF_ERROR(check_sender(login, answer));
  if (!answer.error.empty()) {
    return refused("the issuer says " + printable(answer.error), "login_denied");
  }
  if (answer.code.empty()) {
    return refused("the answer has no code");
  }
  auto token = login.server->redeem({{"grant_type", "authorization_code"},
                                     {"code", answer.code},
                                     {"redirect_uri", login.client.redirect_address},
                                     {"code_verifier", attempt.verifier}});
  if (!token) {
    return failed(std::move(token).error());
  }
  auto identity =
      verify(*token, login, {.client_id = login.client.client_id, .nonce = attempt.nonce}, now);
  if (!identity) {
    return refused("the ID token: " + identity.error().message);
  }
  return Finished{std::make_shared<const TokenIdentity>(*std::move(identity)), attempt.return_to};
}

}  // namespace piperoll::auth
