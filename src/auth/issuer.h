#pragma once
// Whose tokens are believed, and what their claims mean here (RFC 7519, 8725, 9068). Pure functions
// over values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/key_set.h"
#include "auth/roles.h"
#include "auth/web_token.h"
#include "base/result.h"
#include "base/timestamp.h"

namespace piperoll::auth {

inline constexpr std::int64_t kLeewayMicrosMax = 60 * base::kMicrosPerSecond;

// A claim is named by its name, or where it stands deeper by a JSON Pointer
// ("/realm_access/roles").
struct Issuer {
  std::string name;                    // in our own diagnostics
  std::string issuer;                  // "iss", exactly
  std::vector<std::string> audiences;  // "aud" holds one of them
  std::vector<TokenAlgorithm> algorithms;
  // What "typ" may be, in any case, "application/" left out; "" is no typ at all.
  std::vector<std::string> types = {"at+jwt"};
  std::int64_t leeway_micros = kLeewayMicrosMax;
  std::int64_t lifetime_micros_max = 24 * 3600 * base::kMicrosPerSecond;
  bool id_required = false;  // "jti"

  // Our own tokens (token_mint.h): "sub" names a key or a user, which has organisation and
  // roles; of what follows nothing counts then.
  bool subject_is_key = false;

  // Exactly one is set. "*" as organisation makes server credentials; as a claim it is a name that
  // no organisation has.
  std::string organisation;        // name or UUID, of every token
  std::string organisation_claim;  // its text is the name or UUID

  Roles roles;              // of every token, and
  std::string roles_claim;  // a list of texts, or a text separated by spaces
  // What a value of roles_claim stands for; a value that is not here is no role. Empty: the values
  // are our own words.
  std::vector<std::pair<std::string, Role>> role_values;
  std::string name_claim = "name";  // shown as the actor's name; the subject where it is missing
};

// What a token says, once it is believed.
struct TokenIdentity {
  std::string issuer, subject, name;
  bool subject_is_key = false;
  bool server = false;
  std::string organisation;  // name or UUID; empty for a server credential
  Roles roles;
  base::Timestamp valid_until;  // leeway included
  bool operator==(const TokenIdentity&) const = default;
};

// The "iss" of a token that nobody has checked yet: to find the issuer whose keys check it.
std::optional<std::string> claimed_issuer(const SignedToken& token);

// InvalidArgument: code "unknown_key" when the key set lacks the key, else "bad_token"; the message
// says why, for our own diagnostics.
base::Result<TokenIdentity> verify_token(const SignedToken& token, const Issuer& issuer,
                                         const KeySet& keys, base::Timestamp now);

// What an ID token must repeat of the login that it answers.
struct IdTokenRequest {
  std::string client_id;
  std::string nonce;
};
// An ID token (OpenID Connect Core 3.1.3.7): the issuer's algorithms, keys, times and claims as for
// every token of its; but "aud" holds client_id, "azp" is client_id where it is there and must be
// there beside several audiences, "nonce" is the nonce, "iat" is there, and "typ" is "JWT" or
// missing: an access token is no ID token, as no ID token is an access token. Errors as
// verify_token().
base::Result<TokenIdentity> verify_id_token(const SignedToken& token, const Issuer& issuer,
                                            const IdTokenRequest& request, const KeySet& keys,
                                            base::Timestamp now);

}  // namespace piperoll::auth
