#include "service/authorise.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using registry::Registry;

constexpr std::string_view kWholeServer = "*";

// Operations that are about no organisation: those on organisations themselves, and those on server
// credentials ("?org=*"). To any other operation "*" is a name that no organisation has.
bool about_the_server(const operation::Call& call) {
  return call.right == auth::Right::Administrate ||
         (call.right == auth::Right::Manage && call.org.text == kWholeServer);
}

Error org_forbidden() {
  return {.kind = ErrorKind::Forbidden,
          .message = "no access to this organisation",
          .code = "org_forbidden"};
}

Error org_not_found() {
  return {.kind = ErrorKind::NotFound, .message = "no such organisation", .code = "org_not_found"};
}

Error bad_credential() {
  return {.kind = ErrorKind::Unauthenticated,
          .message = "the credential is not accepted",
          .code = "bad_credential"};
}

// A token for an organisation that is not here is a token for somebody else.
Result<auth::Principal> principal_of(const Registry& registry, const auth::TokenIdentity& token) {
  auth::Principal principal{.kind = auth::Principal::Kind::Token,
                            .subject = token.subject,
                            .issuer = token.issuer,
                            .name = token.name,
                            .roles = token.roles};
  if (!token.server) {
    auto org = registry.org_by(token.organisation);
    if (!org) {
      return bad_credential();
    }
    principal.org = org->id;
  }
  return principal;
}

Error no_right(auth::Right right) {
  return {.kind = ErrorKind::Forbidden,
          .message = "this credential does not have the right to " + std::string(to_string(right)),
          .code = "no_right"};
}

}  // namespace

Result<auth::Principal> authenticate(const Registry& registry, const auth::Credential& credential,
                                     base::Timestamp now) {
  if (credential.kind == auth::Credential::Kind::None) {
    return Error{.kind = ErrorKind::Unauthenticated,
                 .message = "no credential: send Authorization: Bearer <key or token>",
                 .code = "no_credential"};
  }
  if (credential.kind == auth::Credential::Kind::Trusted) {
    return auth::Principal{.kind = auth::Principal::Kind::Command,
                           .subject = base::Uuid{}.to_string(),
                           .name = "command line",
                           .org = std::nullopt,
                           .roles = {auth::Role::Admin}};
  }
  if (credential.token) {
    return principal_of(registry, *credential.token);
  }
  Registry::KeyPointer key;
  if (auth::is_well_formed_api_key(credential.secret)) {
    key = registry.key_of(auth::digest_of(credential.secret));
  }
  if (!key || key->revoked_at || (key->expires_at && *key->expires_at <= now)) {
    return bad_credential();
  }
  return auth::Principal{.id = key->id,
                         .subject = key->id.to_string(),
                         .name = key->name.empty() ? key->prefix : key->name,
                         .org = key->org,
                         .roles = key->roles};
}

Result<Registry::OrgPointer> resolve_org(const Registry& registry, const auth::Principal& principal,
                                         const operation::OrgReference& reference) {
  Registry::OrgPointer org;
  if (reference.place == operation::OrgReference::Place::Credential) {
    if (principal.is_server()) {
      return Error{.kind = ErrorKind::InvalidArgument,
                   .message = "a server credential names the organisation with ?org=",
                   .code = "org_required",
                   .faults = {{"org", "required with a server credential: name or UUID"}}};
    }
    org = registry.org(*principal.org);
  } else {
    org = registry.org_by(reference.text);
  }
  const bool by_id = base::parse_uuid(reference.text).has_value();
  if (!org || (!principal.is_server() && org->id != *principal.org)) {
    return by_id ? org_forbidden() : org_not_found();
  }
  if (!org->enabled) {
    return Error{.kind = ErrorKind::Forbidden,
                 .message = "the organisation is disabled",
                 .code = "org_disabled"};
  }
  return org;
}

Result<Admitted> admit(const Registry& registry, const operation::Call& call, base::Timestamp now) {
  ASSIGN_OR_RETURN(auth::Principal principal, authenticate(registry, call.credential, now));
  if (about_the_server(call)) {
    if (!principal.is_server()) {
      return no_right(auth::Right::Administrate);
    }
    if (!auth::allows(principal.roles, true, auth::Right::Administrate)) {
      return no_right(auth::Right::Administrate);
    }
    return Admitted{std::move(principal), nullptr};
  }
  ASSIGN_OR_RETURN(Registry::OrgPointer org, resolve_org(registry, principal, call.org));
  if (!auth::allows(principal.roles, principal.is_server(), call.right)) {
    return no_right(call.right);
  }
  return Admitted{std::move(principal), std::move(org)};
}

}  // namespace piperoll::service
