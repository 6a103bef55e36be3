#include "auth/token_mint.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "crypto/random.h"

namespace piperoll::auth {

namespace {

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"at+jwt"})";
constexpr std::size_t kIdBytes = 16;
constexpr std::string_view kUserPrefix = "user:";

}  // namespace

TokenMint::TokenMint(std::string_view server_name, base::ByteView key)
    : issuer_("piperoll:" + std::string(server_name)), key_(key), signing_key_(key) {}

std::string user_subject(const base::Uuid& id, std::uint32_t generation) {
  return std::string(kUserPrefix) + id.to_string() + ":" + std::to_string(generation);
}

std::optional<UserSubject> parse_user_subject(std::string_view subject) {
  if (!subject.starts_with(kUserPrefix)) {
    return std::nullopt;
  }
  subject.remove_prefix(kUserPrefix.size());
  const std::size_t colon = subject.find(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  auto id = base::parse_uuid(subject.substr(0, colon));
  subject.remove_prefix(colon + 1);
  UserSubject user;
  auto [end, error] =
      std::from_chars(subject.data(), subject.data() + subject.size(), user.generation);
  if (!id || error != std::errc() || end != subject.data() + subject.size()) {
    return std::nullopt;
  }
  user.id = *id;
  return user;
}

MintedToken TokenMint::mint(const std::string& subject, base::Timestamp now,
                            std::optional<base::Timestamp> key_expires_at) const {
  const std::int64_t issued = now.micros / base::kMicrosPerSecond;
  std::int64_t expires = issued + kOwnTokenSeconds;
  if (key_expires_at) {
    expires = std::min(expires, key_expires_at->micros / base::kMicrosPerSecond);
  }
  std::string claims;
  base::JsonWriter json(claims);
  json.begin_object().member("iss", issuer_).member("aud", issuer_);
  json.member("sub", subject);
  json.key("iat").integer(issued).key("exp").integer(expires);
  json.member("jti", base::base64url_encode(crypto::random_bytes(kIdBytes))).end_object();
  return {sign_token(kHeader, claims, signing_key_), expires - issued};
}

TokenVerifier::Trusted TokenMint::trusted() const {
  Issuer issuer;
  issuer.name = issuer.issuer = issuer_;
  issuer.audiences = {issuer_};
  issuer.algorithms = {TokenAlgorithm::Hs256};
  issuer.leeway_micros = 0;  // one clock writes and reads them
  issuer.lifetime_micros_max = kOwnTokenSeconds * base::kMicrosPerSecond;
  issuer.id_required = true;
  issuer.subject_is_key = true;
  return {std::move(issuer), fixed_keys(*KeySet::from_secret(key_))};
}

}  // namespace piperoll::auth
