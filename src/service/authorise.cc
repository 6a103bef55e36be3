#include "service/authorise.h"

#include <algorithm>

#include "base/address_range.h"
#include "crypto/constant_time.h"

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

bool is_from(const registry::Key& key, std::string_view address) {
  return key.networks.empty() ||
         std::any_of(key.networks.begin(), key.networks.end(), [&](const std::string& network) {
           auto range = base::AddressRange::parse(network);
           return range && range->contains(address);
         });
}

bool is_usable(const Registry::KeyPointer& key, const operation::Call& call, base::Timestamp now) {
  return key && !key->revoked_at && !(key->expires_at && *key->expires_at <= now) &&
         is_from(*key, call.remote_address);
}

auth::Principal principal_of(const registry::Key& key) {
  return {.id = key.id,
          .subject = key.id.to_string(),
          .name = key.name.empty() ? key.prefix : key.name,
          .org = key.org,
          .roles = key.roles};
}

Result<auth::Principal> principal_of_secret(const Registry& registry, const operation::Call& call,
                                            base::Timestamp now) {
  const auth::Credential& credential = call.credential;
  Registry::KeyPointer key;
  if (auth::is_well_formed_api_key(credential.secret)) {
    key = registry.key_of(auth::digest_of(credential.secret));
  }
  auto named = base::parse_uuid(credential.client_id);
  if (!is_usable(key, call, now) || (named && *named != key->id)) {
    return bad_credential();
  }
  return principal_of(*key);
}

auth::Principal principal_of(const registry::User& user) {
  return {.kind = auth::Principal::Kind::User,
          .id = user.id,
          .subject = user.id.to_string(),
          .name = user.name.empty() ? user.email : user.name,
          .email = user.email,
          .generation = user.generation,
          .org = user.org,
          .roles = user.roles};
}

Result<auth::Principal> principal_of_key(const Registry& registry, const base::Uuid& id,
                                         const operation::Call& call, base::Timestamp now) {
  Registry::KeyPointer key = registry.key(id);
  return is_usable(key, call, now) ? Result<auth::Principal>(principal_of(*key))
                                   : Result<auth::Principal>(bad_credential());
}

// As long as nothing that counts was changed of them since.
Result<auth::Principal> principal_of_user(const Registry& registry,
                                          const auth::UserSubject& subject) {
  Registry::UserPointer user = registry.user(subject.id);
  const bool same = user && user->enabled && user->generation == subject.generation;
  return same ? Result<auth::Principal>(principal_of(*user))
              : Result<auth::Principal>(bad_credential());
}

// Of an issuer. A token for an organisation that is not here is a token for somebody else.
Result<auth::Principal> principal_of_identity(const Registry& registry,
                                              const auth::TokenIdentity& token) {
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

Result<auth::Principal> principal_of_token(const Registry& registry, const operation::Call& call,
                                           base::Timestamp now) {
  const auth::TokenIdentity& token = *call.credential.token;
  if (!token.subject_is_key) {
    return principal_of_identity(registry, token);
  }
  if (auto user = auth::parse_user_subject(token.subject)) {
    return principal_of_user(registry, *user);
  }
  auto id = base::parse_uuid(token.subject);
  return id ? principal_of_key(registry, *id, call, now)
            : Result<auth::Principal>(bad_credential());
}

Error session_ended() {
  return {.kind = ErrorKind::Unauthenticated,
          .message = "the session has ended; log in again",
          .code = "session_ended"};
}

// Both the page's own token, in two places that no other page can write to at once.
bool is_of_the_page(const auth::SessionStore& sessions, const auth::SessionProof& proof) {
  return proof.same_origin && !proof.csrf_header.empty() &&
         crypto::equal_constant_time(proof.csrf_header, proof.csrf_cookie) &&
         sessions.csrf_matches(proof.id, proof.csrf_header);
}

Result<auth::Principal> principal_of_session(const Doors& doors, const operation::Call& call,
                                             base::Timestamp now) {
  const auth::SessionProof& proof = *call.credential.session;
  auto session = doors.sessions == nullptr ? std::nullopt : doors.sessions->use(proof.id, now);
  if (!session) {
    return session_ended();
  }
  if (proof.changes && !is_of_the_page(*doors.sessions, proof)) {
    return Error{.kind = ErrorKind::Forbidden,
                 .message = "the request does not show that it comes from this server's own page",
                 .code = "csrf"};
  }
  Result<auth::Principal> principal = bad_credential();
  if (const auto* key = std::get_if<auth::KeySubject>(&session->subject)) {
    principal = principal_of_key(doors.registry, key->id, call, now);
  } else if (const auto* user = std::get_if<auth::UserSubject>(&session->subject)) {
    principal = principal_of_user(doors.registry, *user);
  } else {
    principal = principal_of_identity(
        doors.registry, *std::get<std::shared_ptr<const auth::TokenIdentity>>(session->subject));
  }
  return principal ? std::move(principal) : Result<auth::Principal>(session_ended());
}

// The address or the password was wrong, or there is nobody, or they are disabled: alike.
Result<auth::Principal> principal_of_login(const Registry& registry, const operation::Call& call) {
  auto user = call.credential.user ? registry.user(*call.credential.user) : nullptr;
  if (!user || !user->enabled) {
    return Error{.kind = ErrorKind::Unauthenticated,
                 .message = "the address or the password is wrong",
                 .code = "bad_login"};
  }
  return principal_of(*user);
}

// Who came back from an issuer, once that was believed.
Result<auth::Principal> principal_of_issuer_login(const Registry& registry,
                                                  const operation::Call& call) {
  if (!call.credential.token) {
    return Error{.kind = ErrorKind::Unauthenticated,
                 .message = "what the issuer says is not accepted here",
                 .code = "login_refused"};
  }
  auto principal = principal_of_identity(registry, *call.credential.token);
  if (!principal) {
    return Error{.kind = ErrorKind::Unauthenticated,
                 .message = "the issuer knows you, but your organisation is not here",
                 .code = "login_no_organisation"};
  }
  if (principal->roles.empty()) {
    return Error{.kind = ErrorKind::Forbidden,
                 .message = "the issuer knows you, but gives you no role here",
                 .code = "login_no_role"};
  }
  return principal;
}

Error bad_signature(const char* code) {
  return {
      .kind = ErrorKind::Unauthenticated, .message = "the signature is not accepted", .code = code};
}

Result<auth::Principal> principal_of_signed(const Registry& registry,
                                            const auth::SigningVault* vault,
                                            const operation::Call& call, base::Timestamp now) {
  const auth::SignedRequest& request = *call.credential.signed_request;
  Registry::KeyPointer key = registry.key(request.key_id);
  if (!is_usable(key, call, now)) {
    return bad_signature("signature_key_unknown");
  }
  auto hmac = vault == nullptr ? std::nullopt : vault->open(key->id, key->signing);
  if (!hmac) {
    return bad_signature("signature_unavailable");
  }
  const std::int64_t late = now.micros - request.date.micros;
  if (late > auth::kSignatureSkewMicros || late < -auth::kSignatureSkewMicros) {
    return bad_signature("signature_date");
  }
  const crypto::Sha256Digest wanted = auth::request_signature(*hmac, request);
  if (!crypto::equal_constant_time(crypto::as_bytes(wanted), request.signature)) {
    return bad_signature("signature_mismatch");
  }
  return principal_of(*key);
}

Error org_disabled() {
  return {.kind = ErrorKind::Forbidden,
          .message = "the organisation is disabled",
          .code = "org_disabled"};
}

Error no_right(auth::Right right) {
  return {.kind = ErrorKind::Forbidden,
          .message = "this credential does not have the right to " + std::string(to_string(right)),
          .code = "no_right"};
}

}  // namespace

Result<auth::Principal> authenticate(const Doors& doors, const operation::Call& call,
                                     base::Timestamp now) {
  switch (call.credential.kind) {
    case auth::Credential::Kind::None:
      return Error{.kind = ErrorKind::Unauthenticated,
                   .message = "no credential: send Authorization: Bearer <key or token>",
                   .code = "no_credential"};
    case auth::Credential::Kind::Trusted:
      return auth::Principal{.kind = auth::Principal::Kind::Command,
                             .subject = base::Uuid{}.to_string(),
                             .name = "command line",
                             .org = std::nullopt,
                             .roles = {auth::Role::Admin}};
    case auth::Credential::Kind::SignedRequest:
      return principal_of_signed(doors.registry, doors.vault, call, now);
    case auth::Credential::Kind::Secret:
      return call.credential.token ? principal_of_token(doors.registry, call, now)
                                   : principal_of_secret(doors.registry, call, now);
    case auth::Credential::Kind::Password:
      return principal_of_login(doors.registry, call);
    case auth::Credential::Kind::Session:
      return principal_of_session(doors, call, now);
    case auth::Credential::Kind::IssuerReturn:
      return principal_of_issuer_login(doors.registry, call);
  }
  return bad_credential();
}

Registry::UserPointer user_of_login(const Registry& registry, const auth::PasswordLogin& login) {
  if (login.organisation.empty()) {
    return registry.user_with_email(login.email);
  }
  if (login.organisation == kWholeServer) {
    return registry.user_with_email(login.email, std::nullopt);
  }
  auto org = registry.org_by(login.organisation);
  return org ? registry.user_with_email(login.email, org->id) : nullptr;
}

std::optional<auth::Principal> claimed_principal(const Doors& doors, const operation::Call& call,
                                                 base::Timestamp now) {
  const auth::Credential& credential = call.credential;
  if (credential.login) {
    auto user = user_of_login(doors.registry, *credential.login);
    return user ? std::optional(principal_of(*user)) : std::nullopt;
  }
  if (credential.issuer_return && credential.token) {
    auto known = principal_of_identity(doors.registry, *credential.token);
    return known ? std::optional(*std::move(known)) : std::nullopt;
  }
  Registry::KeyPointer key;
  if (credential.signed_request) {
    key = doors.registry.key(credential.signed_request->key_id);
  } else if (auth::is_well_formed_api_key(credential.secret)) {
    key = doors.registry.key_of(auth::digest_of(credential.secret));
  }
  if (key) {
    return principal_of(*key);
  }
  auto principal = authenticate(doors, call, now);
  return principal ? std::optional(*std::move(principal)) : std::nullopt;
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
    return org_disabled();
  }
  return org;
}

std::optional<Result<Admitted>> admit_anyone(const Registry& registry,
                                             const operation::Call& call) {
  if (call.credential.kind != auth::Credential::Kind::None || !call.operation ||
      !operation::is_public_evidence(*call.operation)) {
    return std::nullopt;
  }
  Registry::OrgPointer org;
  if (base::parse_uuid(call.org.text)) {
    org = registry.org_by(call.org.text);
  }
  if (!org || !org->enabled) {
    return Result<Admitted>(org_forbidden());
  }
  return Result<Admitted>(Admitted{auth::Principal{.name = "anyone", .org = org->id}, org});
}

Result<Admitted> admit(const Doors& doors, const operation::Call& call, base::Timestamp now) {
  const Registry& registry = doors.registry;
  ASSIGN_OR_RETURN(auth::Principal principal, authenticate(doors, call, now));
  if (call.right == auth::Right::Identify) {
    Registry::OrgPointer own = principal.org ? registry.org(*principal.org) : nullptr;
    if (own && !own->enabled) {
      return org_disabled();
    }
    return Admitted{std::move(principal), std::move(own)};
  }
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
