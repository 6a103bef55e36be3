#include "service/own_password.h"

#include <memory>
#include <utility>

#include "auth/password.h"
#include "service/identity.h"
#include "service/password_check.h"
#include "service/token_check.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Outcome;
using registry::Registry;

Error wrong_password() {
  return {.kind = ErrorKind::Forbidden,
          .message = "the old password is wrong",
          .code = "wrong_password"};
}

Error fault_of_new(const std::string& fault) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "/new_password " + fault,
          .code = "invalid_member",
          .faults = {{"/new_password", fault}}};
}

// One change on its way; kept alive by the task that it waits for.
struct OwnPassword : std::enable_shared_from_this<OwnPassword> {
  OwnPassword(ServiceParts& the_parts, const Admitted& the_admitted, const operation::Call& call,
              std::function<void(Result<Outcome>)> then)
      : parts(the_parts),
        admitted(the_admitted),
        change(std::get<operation::ChangePassword>(*call.operation)),
        session_id(call.credential.session->id),
        done(std::move(then)) {}

  ServiceParts& parts;
  const Admitted admitted;
  const operation::ChangePassword change;
  const std::string session_id;
  const std::function<void(Result<Outcome>)> done;
  std::string hash;  // of the new one

  // The user as they were when the call was let in; null once somebody changed them.
  Registry::UserPointer user() const {
    auto found = parts.registry.user(admitted.principal.id);
    const bool same = found && found->enabled && found->generation == admitted.principal.generation;
    return same ? found : nullptr;
  }

  void start() {
    if (!parts.passwords->post([self = shared_from_this()] { self->check(); })) {
      done(busy());
    }
  }

  // On a thread for passwords.
  void check() {
    const auto before = user();
    if (!before || !auth::password_matches(change.old_password, before->password)) {
      done(wrong_password());
      return;
    }
    auto hashed = auth::hash_password(change.new_password);
    if (!hashed) {
      done(std::move(hashed).error());
      return;
    }
    hash = *std::move(hashed);
    submit();
  }

  // Whoever took the password away from them meanwhile wins.
  void submit() {
    if (!user()) {
      done(Error{.kind = ErrorKind::Conflict,
                 .message = "the user was changed meanwhile; log in again",
                 .code = "user_changed"});
      return;
    }
    ingest::ControlRequest request;
    request.control = registry::ChangeUser{
        .id = admitted.principal.id, .at = parts.clock.now(), .password = hash};
    request.done = [self = shared_from_this()](Result<registry::Control> stored) {
      if (stored) {
        self->answer();
      } else {
        self->done(std::move(stored).error());
      }
    };
    if (auto accepted = parts.committer.submit(std::move(request)); !accepted) {
      done(std::move(accepted).error());
    }
  }

  // The change has ended all sessions of the user; this browser gets a new one.
  void answer() const {
    const auto changed = parts.registry.user(admitted.principal.id);
    auth::Principal principal = admitted.principal;
    principal.generation = changed->generation;
    done(Outcome(start_session(parts, principal,
                               auth::UserSubject{principal.id, principal.generation}, session_id,
                               std::nullopt)));
  }
};

}  // namespace

void change_own_password(ServiceParts& parts, const Admitted& admitted, const operation::Call& call,
                         std::function<void(Result<Outcome>)> done) {
  const auto& change = std::get<operation::ChangePassword>(*call.operation);
  if (call.credential.kind != auth::Credential::Kind::Session || parts.passwords == nullptr) {
    done(Error{.kind = ErrorKind::InvalidArgument,
               .message = "a password is changed within a session: log in first",
               .code = "no_session"});
    return;
  }
  if (admitted.principal.kind != auth::Principal::Kind::User) {
    done(Error{.kind = ErrorKind::InvalidArgument,
               .message = "only users have passwords here",
               .code = "no_password"});
    return;
  }
  if (auto good = auth::check_new_password(change.new_password); !good) {
    done(fault_of_new(good.error().message));
    return;
  }
  if (change.new_password == change.old_password) {
    done(fault_of_new("must be another one than the old"));
    return;
  }
  std::make_shared<OwnPassword>(parts, admitted, call, std::move(done))->start();
}

}  // namespace piperoll::service
