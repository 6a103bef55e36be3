#include "service/identity.h"

#include <memory>
#include <optional>

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Outcome;
using Kind = auth::Credential::Kind;

Error not_changed_for(const char* what) {
  return {.kind = ErrorKind::Unauthenticated, .message = what, .code = "bad_credential"};
}

operation::SessionState state_of(const auth::SessionStore& sessions, const auth::Session& session) {
  return {.opened_at = session.opened_at,
          .ends_at = session.ends_at,
          .idle_seconds = sessions.limits().idle_micros / base::kMicrosPerSecond};
}

struct Answer {
  const ServiceParts& parts;
  const Admitted& admitted;
  const operation::Call& call;

  bool shows_key() const { return call.credential.kind == Kind::Secret && !call.credential.token; }
  bool shows_password() const { return call.credential.kind == Kind::Password; }

  Result<Outcome> operator()(const operation::Identify&) const {
    operation::Identified identified{.principal = admitted.principal};
    if (call.credential.kind == Kind::Session) {
      if (auto session = parts.sessions->use(call.credential.session->id, parts.clock.now())) {
        identified.session = state_of(*parts.sessions, *session);
      }
    }
    return Outcome(std::move(identified));
  }

  Result<Outcome> operator()(const operation::IssueToken&) const {
    const auth::Principal& principal = admitted.principal;
    const auto key = parts.registry.key(principal.id);
    if (parts.mint == nullptr || !(shows_password() || (shows_key() && key))) {
      return not_changed_for("only a key or a password is changed for a token");
    }
    auth::MintedToken minted =
        shows_key() ? parts.mint->mint(key->id.to_string(), parts.clock.now(), key->expires_at)
                    : parts.mint->mint(auth::user_subject(principal.id, principal.generation),
                                       parts.clock.now(), std::nullopt);
    return Outcome(operation::TokenIssued{std::move(minted.token), minted.seconds, principal});
  }

  // Who the session is of, and how long at most; nothing for what opens none.
  std::optional<auth::SessionSubject> subject(std::optional<base::Timestamp>& ends_by) const {
    const auth::Principal& principal = admitted.principal;
    if (shows_password()) {
      return auth::UserSubject{principal.id, principal.generation};
    }
    if (shows_key()) {
      const auto key = parts.registry.key(principal.id);
      ends_by = key ? key->expires_at : std::nullopt;
      return auth::KeySubject{principal.id};
    }
    // The ID token of a login says who somebody was at that moment; the session has its own limits.
    if (call.credential.kind == Kind::IssuerReturn) {
      return call.credential.token;
    }
    if (call.credential.kind == Kind::Secret && !call.credential.token->subject_is_key) {
      ends_by = call.credential.token->valid_until;
      return call.credential.token;
    }
    return std::nullopt;
  }

  Result<Outcome> operator()(const operation::StartSession& start) const {
    std::optional<base::Timestamp> ends_by;
    auto who = subject(ends_by);
    if (parts.sessions == nullptr || !who) {
      return not_changed_for("a session begins with a key, a password or an issuer's token");
    }
    auto started =
        start_session(parts, admitted.principal, *std::move(who), start.replaced, ends_by);
    started.return_to = start.return_to;
    return Outcome(std::move(started));
  }

  Result<Outcome> operator()(const operation::EndSession&) const {
    if (call.credential.kind != Kind::Session) {
      return Error{.kind = ErrorKind::InvalidArgument,
                   .message = "there is no session to end: the credential is no session",
                   .code = "no_session"};
    }
    parts.sessions->close(call.credential.session->id);
    return Outcome(operation::SessionEnded{});
  }

  template <class Other>
  Result<Outcome> operator()(const Other&) const {
    return Error{
        .kind = ErrorKind::Internal, .message = "internal error", .detail = "not about identity"};
  }
};

}  // namespace

operation::SessionStarted start_session(const ServiceParts& parts, auth::Principal principal,
                                        auth::SessionSubject subject, std::string_view replaced,
                                        std::optional<base::Timestamp> ends_by) {
  parts.sessions->close(replaced);
  auto opened = parts.sessions->open(std::move(subject), parts.clock.now(), ends_by);
  return {.principal = std::move(principal),
          .session = state_of(*parts.sessions, opened.session),
          .id = std::move(opened.id),
          .csrf_token = std::move(opened.csrf_token)};
}

bool is_about_identity(const operation::Operation& operation) {
  return operation::right_of(operation) == auth::Right::Identify;
}

Result<Outcome> answer_identity(const ServiceParts& parts, const Admitted& admitted,
                                const operation::Call& call) {
  return std::visit(Answer{parts, admitted, call}, *call.operation);
}

}  // namespace piperoll::service
