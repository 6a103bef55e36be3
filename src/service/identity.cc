#include "service/identity.h"

namespace piperoll::service {

bool is_about_identity(const operation::Operation& operation) {
  return operation::right_of(operation) == auth::Right::Identify;
}

base::Result<operation::Outcome> answer_identity(const ServiceParts& parts,
                                                 const Admitted& admitted,
                                                 const operation::Call& call) {
  const auth::Principal& principal = admitted.principal;
  if (std::holds_alternative<operation::Identify>(*call.operation)) {
    return operation::Outcome(operation::Identified{principal});
  }
  const auto key = parts.registry.key(principal.id);
  const bool shows_key =
      call.credential.kind == auth::Credential::Kind::Secret && !call.credential.token;
  if (parts.mint == nullptr || !shows_key || !key) {
    return base::Error{.kind = base::ErrorKind::Unauthenticated,
                       .message = "only a key is changed for a token",
                       .code = "bad_credential"};
  }
  auth::MintedToken minted = parts.mint->mint(key->id, parts.clock.now(), key->expires_at);
  return operation::Outcome(
      operation::TokenIssued{std::move(minted.token), minted.seconds, principal});
}

}  // namespace piperoll::service
