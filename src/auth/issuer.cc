#include "auth/issuer.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/unicode.h"

namespace piperoll::auth {

namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::Result;
using base::Timestamp;

constexpr std::size_t kSubjectMax = 255;  // OpenID Connect Core 2
constexpr std::size_t kNameMax = 256;     // as an actor's name

Error bad_token(std::string reason) {
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(reason), .code = "bad_token"};
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

// RFC 6901 without its rare escapes: claims have no "~" or "/" in their names where paths are used.
std::optional<JsonValue> find_claim(const JsonValue& claims, std::string_view name) {
  JsonValue value = claims;
  if (!name.starts_with('/')) {
    return claims.find(name, value) ? std::optional(value) : std::nullopt;
  }
  while (!name.empty()) {
    name.remove_prefix(1);
    const std::string_view step = name.substr(0, name.find('/'));
    name.remove_prefix(step.size());
    JsonValue next;
    if (!value.is(JsonKind::Object) || !value.find(step, next)) {
      return std::nullopt;
    }
    value = next;
  }
  return value;
}

std::string text_claim(const JsonValue& claims, std::string_view name) {
  auto value = find_claim(claims, name);
  return value && value->is(JsonKind::String) ? std::string(value->as_string()) : "";
}

// A NumericDate (RFC 7519 2), whole or with a fraction; nothing where the claim is absent.
Result<std::optional<Timestamp>> time_claim(const JsonValue& claims, std::string_view name) {
  JsonValue value;
  if (!claims.find(name, value)) {
    return std::optional<Timestamp>();
  }
  if (!value.is(JsonKind::Integer) && !value.is(JsonKind::Double)) {
    return bad_token(std::string(name) + " must be a number");
  }
  const double seconds = value.as_double();
  const double seconds_max =
      static_cast<double>(base::kTimestampMax.micros) / base::kMicrosPerSecond;
  if (!(seconds >= 0 && seconds <= seconds_max)) {
    return bad_token(std::string(name) + " is out of range");
  }
  return std::optional(Timestamp{std::llround(seconds * base::kMicrosPerSecond)});
}

bool has_audience(const JsonValue& claims, const std::vector<std::string>& ours) {
  const auto is_ours = [&](const JsonValue& value) {
    return value.is(JsonKind::String) &&
           std::find(ours.begin(), ours.end(), value.as_string()) != ours.end();
  };
  JsonValue audience;
  if (!claims.find("aud", audience)) {
    return false;
  }
  if (!audience.is(JsonKind::Array)) {
    return is_ours(audience);
  }
  const auto elements = audience.elements();
  return std::any_of(elements.begin(), elements.end(), is_ours);
}

bool has_type(const SignedToken& token, const std::vector<std::string>& allowed) {
  constexpr std::string_view kMedia = "application/";
  std::string type = ascii_lower(token.type.value_or(""));
  if (type.starts_with(kMedia)) {
    type.erase(0, kMedia.size());
  }
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& one) { return ascii_lower(one) == type; });
}

// The end of its validity, leeway included.
Result<Timestamp> check_times(const JsonValue& claims, const Issuer& issuer, Timestamp now) {
  ASSIGN_OR_RETURN(std::optional<Timestamp> expires, time_claim(claims, "exp"));
  ASSIGN_OR_RETURN(std::optional<Timestamp> not_before, time_claim(claims, "nbf"));
  ASSIGN_OR_RETURN(std::optional<Timestamp> issued, time_claim(claims, "iat"));
  if (!expires) {
    return bad_token("exp is missing");
  }
  const std::int64_t leeway = issuer.leeway_micros;
  const Timestamp until{expires->micros + leeway};
  if (now >= until) {
    return bad_token("expired");
  }
  if (not_before && now.micros + leeway < not_before->micros) {
    return bad_token("not valid yet (nbf)");
  }
  if (issued && now.micros + leeway < issued->micros) {
    return bad_token("issued in the future (iat)");
  }
  if (expires->micros - issued.value_or(now).micros > issuer.lifetime_micros_max) {
    return bad_token("valid for longer than lifetime_max");
  }
  return until;
}

// The texts of a claim: a list of them, or one with spaces between (as "scope" has them).
std::vector<std::string> texts_of(const std::optional<JsonValue>& claim) {
  std::vector<std::string> texts;
  if (claim && claim->is(JsonKind::Array)) {
    for (const JsonValue& element : claim->elements()) {
      if (element.is(JsonKind::String)) {
        texts.emplace_back(element.as_string());
      }
    }
  } else if (claim && claim->is(JsonKind::String)) {
    std::string_view rest = claim->as_string();
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      if (!word.empty()) {
        texts.emplace_back(word);
      }
    }
  }
  return texts;
}

Roles roles_of(const JsonValue& claims, const Issuer& issuer) {
  Roles roles = issuer.roles;
  if (issuer.roles_claim.empty()) {
    return roles;
  }
  for (const std::string& text : texts_of(find_claim(claims, issuer.roles_claim))) {
    if (auto own = parse_role(text); own && issuer.role_values.empty()) {
      roles.add(*own);
    }
    for (const auto& [value, role] : issuer.role_values) {
      if (value == text) {
        roles.add(role);
      }
    }
  }
  return roles;
}

Result<void> read_organisation(const JsonValue& claims, const Issuer& issuer,
                               TokenIdentity& identity) {
  if (issuer.organisation_claim.empty()) {
    identity.server = issuer.organisation == "*";
    identity.organisation = identity.server ? "" : issuer.organisation;
    return {};
  }
  identity.organisation = text_claim(claims, issuer.organisation_claim);
  if (identity.organisation.empty() || identity.organisation == "*") {
    return bad_token("names no organisation");
  }
  return {};
}

// What every token of an issuer must have. audiences: what we are to it.
Result<TokenIdentity> check_standard_claims(const JsonValue& claims, const Issuer& issuer,
                                            const std::vector<std::string>& audiences,
                                            Timestamp now) {
  TokenIdentity identity;
  identity.issuer = text_claim(claims, "iss");
  if (identity.issuer != issuer.issuer) {
    return bad_token("iss is another issuer");
  }
  if (!has_audience(claims, audiences)) {
    return bad_token("aud is not ours");
  }
  ASSIGN_OR_RETURN(identity.valid_until, check_times(claims, issuer, now));
  identity.subject = text_claim(claims, "sub");
  if (identity.subject.empty() || base::code_point_count(identity.subject) > kSubjectMax) {
    return bad_token("sub must be a text of 1 to 255 characters");
  }
  return identity;
}

// What the issuer's claims mean here.
Result<void> read_person(const JsonValue& claims, const Issuer& issuer, TokenIdentity& identity) {
  RETURN_IF_ERROR(read_organisation(claims, issuer, identity));
  identity.roles = roles_of(claims, issuer);
  identity.name = text_claim(claims, issuer.name_claim);
  if (identity.name.empty() || base::code_point_count(identity.name) > kNameMax) {
    identity.name = identity.subject;
  }
  return {};
}

Result<TokenIdentity> check_claims(const JsonValue& claims, const Issuer& issuer, Timestamp now) {
  ASSIGN_OR_RETURN(TokenIdentity identity,
                   check_standard_claims(claims, issuer, issuer.audiences, now));
  if (issuer.id_required && text_claim(claims, "jti").empty()) {
    return bad_token("jti is missing");
  }
  // What only ID tokens have: they tell a client who logged in, and open nothing (RFC 9068 5).
  if (find_claim(claims, "at_hash") || find_claim(claims, "c_hash")) {
    return bad_token("an ID token is no access token");
  }
  if (issuer.subject_is_key) {
    identity.subject_is_key = true;
    identity.name = identity.subject;
    return identity;
  }
  RETURN_IF_ERROR(read_person(claims, issuer, identity));
  return identity;
}

Result<TokenIdentity> check_id_claims(const JsonValue& claims, const Issuer& issuer,
                                      const IdTokenRequest& request, Timestamp now) {
  ASSIGN_OR_RETURN(TokenIdentity identity,
                   check_standard_claims(claims, issuer, {request.client_id}, now));
  JsonValue audience, authorized;
  const bool several = claims.find("aud", audience) && audience.is(JsonKind::Array) &&
                       audience.elements().size() > 1;
  if ((several || claims.find("azp", authorized)) &&
      text_claim(claims, "azp") != request.client_id) {
    return bad_token("azp is another client");
  }
  if (text_claim(claims, "nonce") != request.nonce) {
    return bad_token("nonce is not that of the login");
  }
  JsonValue issued;
  if (!claims.find("iat", issued)) {
    return bad_token("iat is missing");
  }
  RETURN_IF_ERROR(read_person(claims, issuer, identity));
  return identity;
}

Result<JsonValue> parse_claims(base::JsonParser& parser, const SignedToken& token) {
  auto claims = parser.parse(token.payload);
  if (!claims || !claims->is(JsonKind::Object)) {
    return bad_token("payload: not a JSON object with distinct members");
  }
  return *claims;
}

// The algorithm, the type and the signature.
Result<void> check_header(const SignedToken& token, const Issuer& issuer,
                          const std::vector<std::string>& types, const KeySet& keys) {
  const auto algorithm = parse_token_algorithm(token.algorithm);
  if (!algorithm || std::find(issuer.algorithms.begin(), issuer.algorithms.end(), *algorithm) ==
                        issuer.algorithms.end()) {
    return bad_token("alg is not one of the issuer's");
  }
  if (!has_type(token, types)) {
    return bad_token("typ is not one of the issuer's");
  }
  switch (check_signature(token, *algorithm, keys)) {
    case SignatureCheck::Good:
      return {};
    case SignatureCheck::Bad:
      return bad_token("the signature is wrong");
    case SignatureCheck::UnknownKey:
      break;
  }
  return Error{.kind = ErrorKind::InvalidArgument,
               .message = "no key of the issuer fits",
               .code = "unknown_key"};
}

}  // namespace

std::optional<std::string> claimed_issuer(const SignedToken& token) {
  base::JsonParser parser;
  auto claims = parse_claims(parser, token);
  if (!claims) {
    return std::nullopt;
  }
  std::string issuer = text_claim(*claims, "iss");
  return issuer.empty() ? std::nullopt : std::optional(std::move(issuer));
}

Result<TokenIdentity> verify_token(const SignedToken& token, const Issuer& issuer,
                                   const KeySet& keys, Timestamp now) {
  RETURN_IF_ERROR(check_header(token, issuer, issuer.types, keys));
  base::JsonParser parser;
  ASSIGN_OR_RETURN(JsonValue claims, parse_claims(parser, token));
  return check_claims(claims, issuer, now);
}

Result<TokenIdentity> verify_id_token(const SignedToken& token, const Issuer& issuer,
                                      const IdTokenRequest& request, const KeySet& keys,
                                      Timestamp now) {
  RETURN_IF_ERROR(check_header(token, issuer, {"JWT", ""}, keys));
  base::JsonParser parser;
  ASSIGN_OR_RETURN(JsonValue claims, parse_claims(parser, token));
  return check_id_claims(claims, issuer, request, now);
}

}  // namespace piperoll::auth
