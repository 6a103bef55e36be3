#include "auth/key_set.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "crypto/constant_time.h"

namespace piperoll::auth {

namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::Result;

struct AlgorithmName {
  std::string_view name;
  TokenAlgorithm algorithm;
};

// The first name of each is the one that we write.
constexpr std::array kAlgorithmNames = {
    AlgorithmName{"HS256", TokenAlgorithm::Hs256}, AlgorithmName{"RS256", TokenAlgorithm::Rs256},
    AlgorithmName{"PS256", TokenAlgorithm::Ps256}, AlgorithmName{"ES256", TokenAlgorithm::Es256},
    AlgorithmName{"EdDSA", TokenAlgorithm::EdDsa}, AlgorithmName{"Ed25519", TokenAlgorithm::EdDsa}};

Error bad_set(std::string reason) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "key set: " + std::move(reason),
          .code = "invalid_key_set"};
}

std::optional<std::string> text_member(const JsonValue& object, std::string_view name) {
  JsonValue value;
  if (!object.find(name, value) || !value.is(JsonKind::String)) {
    return std::nullopt;
  }
  return std::string(value.as_string());
}

// The bytes of a base64url member; empty where it is missing or no base64url.
base::Bytes bytes_member(const JsonValue& object, std::string_view name) {
  auto bytes = base::base64url_decode(text_member(object, name).value_or(""));
  return bytes ? *std::move(bytes) : base::Bytes();
}

// RFC 7517 4.2, 4.3: what the owner says that the key is for.
bool is_for_signatures(const JsonValue& jwk) {
  JsonValue value;
  if (jwk.find("use", value) && !(value.is(JsonKind::String) && value.as_string() == "sig")) {
    return false;
  }
  if (!jwk.find("key_ops", value)) {
    return true;
  }
  if (!value.is(JsonKind::Array)) {
    return false;
  }
  const auto operations = value.elements();
  return std::any_of(operations.begin(), operations.end(), [](const JsonValue& operation) {
    return operation.is(JsonKind::String) && operation.as_string() == "verify";
  });
}

using AnyKey = std::variant<crypto::HmacKey, crypto::PublicKey>;

std::optional<AnyKey> kept(Result<crypto::PublicKey> key) {
  return key ? std::optional<AnyKey>(*std::move(key)) : std::nullopt;
}

// RFC 7518 6, RFC 8037 2.
std::optional<AnyKey> key_material(const JsonValue& jwk) {
  const std::string type = text_member(jwk, "kty").value_or("");
  const std::string curve = text_member(jwk, "crv").value_or("");
  if (type == "RSA") {
    return kept(crypto::PublicKey::from_rsa(bytes_member(jwk, "n"), bytes_member(jwk, "e")));
  }
  if (type == "EC" && curve == "P-256") {
    return kept(crypto::PublicKey::from_p256(bytes_member(jwk, "x"), bytes_member(jwk, "y")));
  }
  if (type == "OKP" && curve == "Ed25519") {
    return kept(crypto::PublicKey::from_ed25519(bytes_member(jwk, "x")));
  }
  if (type == "oct") {
    const base::Bytes secret = bytes_member(jwk, "k");
    return secret.size() < KeySet::kSecretBytesMin ? std::nullopt
                                                   : std::optional<AnyKey>(crypto::HmacKey(secret));
  }
  return std::nullopt;
}

std::optional<TokenKey> read_jwk(const JsonValue& jwk) {
  if (!jwk.is(JsonKind::Object) || !is_for_signatures(jwk)) {
    return std::nullopt;
  }
  auto material = key_material(jwk);
  if (!material) {
    return std::nullopt;
  }
  TokenKey key{text_member(jwk, "kid"), std::nullopt, *std::move(material)};
  if (JsonValue value; jwk.find("alg", value)) {
    key.algorithm = parse_token_algorithm(text_member(jwk, "alg").value_or(""));
    if (!key.algorithm || !key.fits(*key.algorithm)) {
      return std::nullopt;  // for an algorithm that we do not take, or that is not this key's
    }
  }
  return key;
}

crypto::SignatureScheme scheme_of(TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::Ps256:
      return crypto::SignatureScheme::Ps256;
    case TokenAlgorithm::Es256:
      return crypto::SignatureScheme::Es256;
    case TokenAlgorithm::EdDsa:
      return crypto::SignatureScheme::Ed25519;
    default:
      return crypto::SignatureScheme::Rs256;
  }
}

}  // namespace

std::string_view to_string(TokenAlgorithm algorithm) {
  return std::find_if(kAlgorithmNames.begin(), kAlgorithmNames.end(),
                      [&](const AlgorithmName& entry) { return entry.algorithm == algorithm; })
      ->name;
}

std::optional<TokenAlgorithm> parse_token_algorithm(std::string_view text) {
  for (const AlgorithmName& entry : kAlgorithmNames) {
    if (entry.name == text) {
      return entry.algorithm;
    }
  }
  return std::nullopt;
}

bool TokenKey::fits(TokenAlgorithm wanted) const {
  if (algorithm && *algorithm != wanted) {
    return false;
  }
  const auto* open = std::get_if<crypto::PublicKey>(&key);
  if (open == nullptr || wanted == TokenAlgorithm::Hs256) {
    return open == nullptr && wanted == TokenAlgorithm::Hs256;
  }
  switch (open->kind()) {
    case crypto::PublicKeyKind::Rsa:
      return wanted == TokenAlgorithm::Rs256 || wanted == TokenAlgorithm::Ps256;
    case crypto::PublicKeyKind::P256:
      return wanted == TokenAlgorithm::Es256;
    case crypto::PublicKeyKind::Ed25519:
      return wanted == TokenAlgorithm::EdDsa;
  }
  return false;
}

bool TokenKey::verifies(TokenAlgorithm wanted, base::ByteView message,
                        base::ByteView signature) const {
  if (!fits(wanted)) {
    return false;
  }
  if (const auto* secret = std::get_if<crypto::HmacKey>(&key)) {
    const crypto::Sha256Digest mac = secret->mac(message);
    return crypto::equal_constant_time(crypto::as_bytes(mac), signature);
  }
  return std::get<crypto::PublicKey>(key).verifies(scheme_of(wanted), message, signature);
}

Result<KeySet> KeySet::from_jwks(std::string_view json) {
  if (json.size() > kTextBytesMax) {
    return bad_set("longer than " + std::to_string(kTextBytesMax) + " bytes");
  }
  base::JsonParser parser;
  auto parsed = parser.parse(json);
  if (!parsed) {
    return bad_set("not JSON: " + parsed.error().message);
  }
  JsonValue list;
  if (!parsed->is(JsonKind::Object) || !parsed->find("keys", list) || !list.is(JsonKind::Array)) {
    return bad_set("must be an object with a list \"keys\"");
  }
  const auto elements = list.elements();
  if (elements.size() > kKeysMax) {
    return bad_set("more than " + std::to_string(kKeysMax) + " keys");
  }
  KeySet set;
  for (const JsonValue& element : elements) {
    auto key = read_jwk(element);
    if (!key) {
      continue;
    }
    for (const TokenKey& other : set.keys_) {
      if (key->id && other.id == key->id) {
        return bad_set("two keys have the kid \"" + *key->id + "\"");
      }
    }
    set.keys_.push_back(*std::move(key));
  }
  if (set.keys_.empty()) {
    return bad_set("holds no key that signatures can be checked with");
  }
  return set;
}

Result<KeySet> KeySet::from_pem(std::string_view pem) {
  if (pem.size() > kTextBytesMax) {
    return bad_set("longer than " + std::to_string(kTextBytesMax) + " bytes");
  }
  auto keys = crypto::read_pem_keys(pem);
  if (!keys) {
    return bad_set(keys.error().message);
  }
  KeySet set;
  for (crypto::PublicKey& key : *keys) {
    set.keys_.push_back({std::nullopt, std::nullopt, std::move(key)});
  }
  return set;
}

Result<KeySet> KeySet::from_secret(base::ByteView secret) {
  if (secret.size() < kSecretBytesMin) {
    return bad_set("a secret must have at least " + std::to_string(kSecretBytesMin) + " bytes");
  }
  KeySet set;
  set.keys_.push_back({std::nullopt, TokenAlgorithm::Hs256, crypto::HmacKey(secret)});
  return set;
}

Result<KeySet> KeySet::from_text(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '{' ? from_jwks(text) : from_pem(text);
}

std::vector<const TokenKey*> KeySet::candidates(TokenAlgorithm algorithm,
                                                const std::optional<std::string>& id) const {
  std::vector<const TokenKey*> found;
  for (const TokenKey& key : keys_) {
    const bool named = !id || !key.id || key.id == id;
    if (named && key.fits(algorithm) && found.size() < kCandidatesMax) {
      found.push_back(&key);
    }
  }
  return found;
}

}  // namespace piperoll::auth
