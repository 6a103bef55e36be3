#pragma once
// The keys of one issuer of tokens: a JSON Web Key Set (RFC 7517), a PEM text, or one shared
// secret. Pure functions over immutable values; thread-safe.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hmac.h"
#include "crypto/public_key.h"

namespace piperoll::auth {

enum class TokenAlgorithm { Hs256, Rs256, Ps256, Es256, EdDsa };

std::string_view to_string(TokenAlgorithm algorithm);  // as in a token's header: "HS256"
// "EdDSA" and "Ed25519" (RFC 9864) are the same one; nothing for all that we do not take.
std::optional<TokenAlgorithm> parse_token_algorithm(std::string_view text);

struct TokenKey {
  // Tokens name the key of a set; a key of a PEM text or a secret has no name and stands for all.
  std::optional<std::string> id;
  std::optional<TokenAlgorithm> algorithm;  // the only one, where its owner says so
  std::variant<crypto::HmacKey, crypto::PublicKey> key;

  bool fits(TokenAlgorithm wanted) const;
  bool verifies(TokenAlgorithm wanted, base::ByteView message, base::ByteView signature) const;
};

class KeySet {
 public:
  static constexpr std::size_t kTextBytesMax = std::size_t{512} << 10;
  static constexpr std::size_t kKeysMax = 100;
  static constexpr std::size_t kSecretBytesMin = 32;  // RFC 7518 3.2: as long as the digest
  static constexpr std::size_t kCandidatesMax = 16;   // so that no token costs more checks

  // Keys that are not for signatures (use, key_ops), of a type or curve that we do not take, or too
  // weak are left out; InvalidArgument when the text is no key set, is over the limits above, names
  // a key twice, or when nothing is left.
  static base::Result<KeySet> from_jwks(std::string_view json);
  static base::Result<KeySet> from_pem(std::string_view pem);
  // InvalidArgument under kSecretBytesMin.
  static base::Result<KeySet> from_secret(base::ByteView secret);
  // A JWKS where the first character is "{", else PEM.
  static base::Result<KeySet> from_text(std::string_view text);

  const std::vector<TokenKey>& keys() const { return keys_; }
  // Those that may have signed a token with this header, at most kCandidatesMax.
  std::vector<const TokenKey*> candidates(TokenAlgorithm algorithm,
                                          const std::optional<std::string>& id) const;

 private:
  std::vector<TokenKey> keys_;
};

}  // namespace piperoll::auth
