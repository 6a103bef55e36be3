#include "auth/web_token.h"

#include <algorithm>

#include "base/json.h"

namespace piperoll::auth {

namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::Result;

constexpr std::size_t kHeaderBytesMax = 4096;
constexpr std::size_t kKeyIdBytesMax = 1024;

Error bad_token(std::string reason) {
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(reason), .code = "bad_token"};
}

bool is_base64url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// A text member; nothing where it is absent.
Result<std::optional<std::string>> optional_text(const JsonValue& header, std::string_view name) {
  JsonValue value;
  if (!header.find(name, value)) {
    return std::optional<std::string>();
  }
  if (!value.is(JsonKind::String)) {
    return bad_token("header: " + std::string(name) + " must be a text");
  }
  return std::optional(std::string(value.as_string()));
}

Result<void> read_header(std::string_view json, SignedToken& token) {
  base::JsonParser parser;
  auto header = parser.parse(json);
  if (!header || !header->is(JsonKind::Object)) {
    return bad_token("header: not a JSON object with distinct members");
  }
  JsonValue ignored;
  for (std::string_view name : {"crit", "zip", "enc"}) {
    if (header->find(name, ignored)) {
      return bad_token("header: " + std::string(name) + " is not taken");
    }
  }
  ASSIGN_OR_RETURN(std::optional<std::string> algorithm, optional_text(*header, "alg"));
  if (!algorithm || algorithm->empty()) {
    return bad_token("header: alg is missing");
  }
  token.algorithm = *std::move(algorithm);
  ASSIGN_OR_RETURN(token.key_id, optional_text(*header, "kid"));
  if (token.key_id && token.key_id->size() > kKeyIdBytesMax) {
    return bad_token("header: kid is too long");
  }
  ASSIGN_OR_RETURN(token.type, optional_text(*header, "typ"));
  return {};
}

}  // namespace

bool has_form_of_token(std::string_view text) {
  return text.size() <= kTokenBytesMax && std::count(text.begin(), text.end(), '.') == 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_base64url(c); });
}

Result<SignedToken> parse_token(std::string_view token) {
  if (token.size() > kTokenBytesMax) {
    return bad_token("longer than " + std::to_string(kTokenBytesMax) + " bytes");
  }
  if (!has_form_of_token(token)) {
    return bad_token("not three parts of base64url");
  }
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  auto header = base::base64url_decode(token.substr(0, first));
  auto payload = base::base64url_decode(token.substr(first + 1, second - first - 1));
  auto signature = base::base64url_decode(token.substr(second + 1));
  if (!header || !payload || !signature || header->size() > kHeaderBytesMax) {
    return bad_token("a part is no base64url");
  }
  if (signature->empty()) {
    return bad_token("no signature");
  }
  SignedToken parsed;
  RETURN_IF_ERROR(read_header(*header, parsed));
  parsed.signing_input = token.substr(0, second);
  parsed.payload = *std::move(payload);
  parsed.signature = *std::move(signature);
  return parsed;
}

SignatureCheck check_signature(const SignedToken& token, TokenAlgorithm algorithm,
                               const KeySet& keys) {
  const auto candidates = keys.candidates(algorithm, token.key_id);
  if (candidates.empty()) {
    return SignatureCheck::UnknownKey;
  }
  const bool good =
      std::any_of(candidates.begin(), candidates.end(), [&](const TokenKey* candidate) {
        return candidate->verifies(algorithm, token.signing_input, token.signature);
      });
  return good ? SignatureCheck::Good : SignatureCheck::Bad;
}

std::string sign_token(std::string_view header, std::string_view payload,
                       const crypto::HmacKey& key) {
  std::string token = base::base64url_encode(header) + "." + base::base64url_encode(payload);
  const crypto::Sha256Digest mac = key.mac(token);
  return token + "." + base::base64url_encode(crypto::as_bytes(mac));
}

}  // namespace piperoll::auth
