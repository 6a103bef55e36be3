#include "service/login_steps.h"

#include <memory>
#include <utility>

#include "base/diagnostics.h"
#include "service/token_check.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Call;
using operation::Outcome;

Error no_logins() {
  return {.kind = ErrorKind::NotFound,
          .message = "no issuer lets people log in here",
          .code = "login_not_found"};
}

// What people are told: what to do next, and nothing that helps whoever forged the answer.
Error told(const Error& error, const std::string& request_id) {
  base::info("a login with an issuer was refused",
             {{"code", error.code}, {"reason", error.message}, {"request_id", request_id}});
  const char* message = error.code == "login_expired"
                            ? "the login took too long, was completed before, or began in another "
                              "browser; begin again"
                        : error.code == "login_denied" ? "the issuer did not let you in"
                        : error.code == "login_unavailable"
                            ? "the issuer does not answer; try again"
                            : "what the issuer says is not accepted here";
  return {.kind = error.kind, .message = message, .code = error.code};
}

}  // namespace

bool begins_login(const Call& call) {
  return call.operation && std::holds_alternative<operation::BeginLogin>(*call.operation);
}

void begin_login(ServiceParts& parts, Call call, std::function<void(Result<Outcome>)> done) {
  if (parts.logins == nullptr || parts.login_threads == nullptr) {
    done(no_logins());
    return;
  }
  auto then = std::make_shared<std::function<void(Result<Outcome>)>>(std::move(done));
  if (!parts.login_threads->post([&parts, call = std::move(call), then] {
        const auto& begin = std::get<operation::BeginLogin>(*call.operation);
        auto begun = parts.logins->begin(begin.issuer, begin.return_to, parts.clock.now());
        if (begun) {
          (*then)(Outcome(operation::LoginBegun{begun->address, begun->browser}));
        } else if (begun.error().code == "login_unavailable") {
          (*then)(told(begun.error(), call.request_id));
        } else {
          (*then)(std::move(begun).error());
        }
      })) {
    (*then)(busy());
  }
}

bool has_unfinished_login(const Call& call) {
  return call.credential.kind == auth::Credential::Kind::IssuerReturn && !call.credential.token;
}

void finish_login(ServiceParts& parts, Call call, std::function<void(Result<Call>)> next) {
  if (parts.logins == nullptr || parts.login_threads == nullptr) {
    next(no_logins());
    return;
  }
  auto shared = std::make_shared<Call>(std::move(call));
  auto then = std::make_shared<std::function<void(Result<Call>)>>(std::move(next));
  if (!parts.login_threads->post([&parts, shared, then] {
        auto finished = parts.logins->finish(*shared->credential.issuer_return, parts.clock.now());
        if (!finished) {
          (*then)(told(finished.error(), shared->request_id));
          return;
        }
        shared->credential.token = std::move(finished->identity);
        if (shared->operation) {
          if (auto* start = std::get_if<operation::StartSession>(&*shared->operation)) {
            start->return_to = std::move(finished->return_to);
          }
        }
        (*then)(std::move(*shared));
      })) {
    (*then)(busy());
  }
}

}  // namespace piperoll::service
