#pragma once
// JSON Web Tokens in their compact, signed form (RFC 7515, 7519), read as strictly as RFC 8725
// asks. Nothing here knows whom to believe: issuer.h does. Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "auth/key_set.h"
#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::auth {

inline constexpr std::size_t kTokenBytesMax = 8192;

// Two points and nothing that base64url does not have: told from a key without reading it.
bool has_form_of_token(std::string_view text);

// The parts of a token; nothing is checked but the form.
struct SignedToken {
  std::string algorithm;  // the header's "alg", as it stands
  std::optional<std::string> key_id, type;
  std::string_view signing_input;  // a view into the token
  base::Bytes payload, signature;
};

// InvalidArgument (code "bad_token", the message says why) for anything that is not three parts of
// strict base64url with a header of strict JSON and a signature; for a header with "crit" (we know
// no extension), "zip" or "enc", and over kTokenBytesMax. Of "jku", "jwk", "x5u", "x5c" nothing is
// taken: a token does not bring its own keys.
base::Result<SignedToken> parse_token(std::string_view token);

enum class SignatureCheck {
  Good,
  Bad,
  UnknownKey  // no key of the set may have made it; a newer set might have one
};
// algorithm: ours, from the configuration.
SignatureCheck check_signature(const SignedToken& token, TokenAlgorithm algorithm,
                               const KeySet& keys);

// The header and payload (both JSON texts) signed with HS256.
std::string sign_token(std::string_view header, std::string_view payload,
                       const crypto::HmacKey& key);

}  // namespace piperoll::auth
