#pragma once
// Who asks, in which organisation, with which right. Pure functions over the registry, but that a
// session which is shown counts as used.

#include <optional>

#include "auth/principal.h"
#include "auth/session_store.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "operation/operation.h"
#include "registry/registry.h"

namespace piperoll::service {

// What credentials are compared with. References and pointers outlive the call.
struct Doors {
  const registry::Registry& registry;
  const auth::SigningVault* vault = nullptr;  // null: no signed request is taken
  auth::SessionStore* sessions = nullptr;     // null: no session is
};

struct Admitted {
  auth::Principal principal;
  registry::Registry::OrgPointer org;  // null: the operation is about the whole server
};

// What anyone may see of an organisation's logs, without a credential: the organisation by UUID.
// Nothing when the call is not about that, or has a credential.
std::optional<base::Result<Admitted>> admit_anyone(const registry::Registry& registry,
                                                   const operation::Call& call);

// Unauthenticated "no_credential" or "bad_credential". A key that is unknown, revoked or expired is
// told apart by nothing. A token has been verified before (token_check.h), a password matched
// (password_check.h), or they are refused. Of signed requests: the "signature_..." codes of
// outcome.h. Of sessions: "session_ended"; Forbidden "csrf". Of logins with an issuer:
// "login_no_organisation"; Forbidden "login_no_role".
base::Result<auth::Principal> authenticate(const Doors& doors, const operation::Call& call,
                                           base::Timestamp now);

// Whose password a login is compared with: of the organisation that it names (of the server: "*"),
// else Registry::user_with_email(). Null: nobody's.
registry::Registry::UserPointer user_of_login(const registry::Registry& registry,
                                              const auth::PasswordLogin& login);

// Whom a call that was refused speaks of: a key that was revoked, is expired or comes from
// elsewhere, the key of a wrong signature, the user of a wrong password; or who was let in and may
// not do this. Nothing for credentials that nobody here ever had. It is claimed, not proven.
std::optional<auth::Principal> claimed_principal(const Doors& doors, const operation::Call& call,
                                                 base::Timestamp now);

// The organisation the call means, as far as this principal may know of it. Codes: outcome.h.
base::Result<registry::Registry::OrgPointer> resolve_org(const registry::Registry& registry,
                                                         const auth::Principal& principal,
                                                         const operation::OrgReference& reference);

// authenticate, resolve_org (unless the operation is about the whole server), then the right.
base::Result<Admitted> admit(const Doors& doors, const operation::Call& call, base::Timestamp now);

}  // namespace piperoll::service
