#include "service/password_check.h"

#include <utility>

#include "auth/password.h"
#include "service/authorise.h"
#include "service/token_check.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Call;

void check_now(const ServiceParts& parts, Call& call) {
  const auth::PasswordLogin& login = *call.credential.login;
  auto user = user_of_login(parts.registry, login);
  const bool counts = user && user->enabled;
  const std::string hash = counts ? user->password : auth::decoy_hash();
  if (auth::password_matches(login.password, hash) && counts) {
    call.credential.user = user->id;
  }
}

}  // namespace

bool has_unchecked_password(const ServiceParts& parts, const Call& call) {
  return parts.passwords != nullptr && call.credential.kind == auth::Credential::Kind::Password &&
         !call.credential.user;
}

void check_password(ServiceParts& parts, Call call, std::function<void(Result<Call>)> next) {
  auto shared = std::make_shared<Call>(std::move(call));
  auto then = std::make_shared<std::function<void(Result<Call>)>>(std::move(next));
  if (!parts.passwords->post([&parts, shared, then] {
        check_now(parts, *shared);
        (*then)(std::move(*shared));
      })) {
    (*then)(busy());
  }
}

void hash_new_password(ServiceParts& parts, std::string password,
                       std::function<void(Result<std::string>)> done) {
  if (auto good = auth::check_new_password(password); !good) {
    done(Error{.kind = ErrorKind::InvalidArgument,
               .message = "/password " + good.error().message,
               .code = "invalid_member",
               .faults = {{"/password", good.error().message}}});
    return;
  }
  auto then = std::make_shared<std::function<void(Result<std::string>)>>(std::move(done));
  if (parts.passwords == nullptr || !parts.passwords->post([password = std::move(password), then] {
        (*then)(auth::hash_password(password));
      })) {
    (*then)(busy());
  }
}

}  // namespace piperoll::service
