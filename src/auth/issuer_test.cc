#include "auth/issuer.h"

#include <gtest/gtest.h>

#include "auth/claims_test_support.h"
#include "base/bytes.h"
#include "crypto/testing/signing_key.h"

namespace piperoll::auth {
namespace {

using base::Timestamp;
using crypto::SignatureScheme;
using crypto::testing::SigningKey;

constexpr std::int64_t kNowSeconds = 1'767'323'045;  // 2026-01-02T03:04:05Z
constexpr Timestamp kNow{kNowSeconds * base::kMicrosPerSecond};
const std::string kSecret(32, 'k');

// Claims that are good, with some replaced (a JSON value) or left out (an empty text).
std::string claims(const testing::ClaimList& changes = {}) {
  testing::ClaimList members = {{"iss", "\"https://issuer.example\""},
                                {"aud", "\"piperoll\""},
                                {"sub", "\"user-1\""},
                                {"exp", std::to_string(kNowSeconds + 600)},
                                {"iat", std::to_string(kNowSeconds - 10)},
                                {"org", "\"demo\""},
                                {"roles", R"(["reader"])"}};
  return testing::claims_json(std::move(members), changes);
}

Issuer issuer() {
  Issuer issuer;
  issuer.issuer = "https://issuer.example";
  issuer.audiences = {"piperoll", "https://audit.example"};
  issuer.algorithms = {TokenAlgorithm::Hs256};
  issuer.organisation_claim = "org";
  issuer.roles_claim = "roles";
  return issuer;
}

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"at+jwt"})";

std::string hs256(std::string_view payload, std::string_view header = kHeader) {
  return sign_token(header, payload, crypto::HmacKey(kSecret));
}

base::Result<TokenIdentity> verify(const std::string& token, const Issuer& by, const KeySet& keys) {
  ASSIGN_OR_RETURN(SignedToken parsed, parse_token(token));
  return verify_token(parsed, by, keys, kNow);
}
base::Result<TokenIdentity> verify(const std::string& token, const Issuer& by = issuer()) {
  return verify(token, by, *KeySet::from_secret(kSecret));
}

std::string refusal(const base::Result<TokenIdentity>& verified) {
  return verified ? "accepted" : verified.error().message;
}

TEST(Issuer, MakesAnIdentityOfGoodClaims) {
  auto identity = verify(hs256(claims({{"name", "\"Ada\""}})));

  ASSERT_TRUE(identity.has_value()) << identity.error().message;
  EXPECT_EQ(identity->issuer, "https://issuer.example");
  EXPECT_EQ(identity->subject, "user-1");
  EXPECT_EQ(identity->name, "Ada");
  EXPECT_EQ(identity->organisation, "demo");
  EXPECT_FALSE(identity->server);
  EXPECT_EQ(identity->roles, Roles{Role::Reader});
  EXPECT_EQ(identity->valid_until.micros, kNow.micros + 660 * base::kMicrosPerSecond);
}

TEST(Issuer, TakesTheTypesThatItIsTold) {
  const auto with_type = [](std::string_view type, std::vector<std::string> types) {
    Issuer by = issuer();
    by.types = std::move(types);
    std::string header = R"({"alg":"HS256")";
    if (!type.empty()) {
      header += ",\"typ\":\"" + std::string(type) + "\"";
    }
    return verify(hs256(claims(), header + "}"), by).has_value();
  };
  EXPECT_TRUE(with_type("at+jwt", {"at+jwt"}));
  EXPECT_TRUE(with_type("AT+JWT", {"at+jwt"}));
  EXPECT_TRUE(with_type("application/at+jwt", {"at+jwt"}));
  EXPECT_FALSE(with_type("JWT", {"at+jwt"}));
  EXPECT_FALSE(with_type("", {"at+jwt"}));
  EXPECT_TRUE(with_type("JWT", {"JWT", ""}));
  EXPECT_TRUE(with_type("", {"JWT", ""}));
  EXPECT_FALSE(with_type("logout+jwt", {"JWT", ""}));
}

// standards: every line that a forged or careless token may show.
TEST(Issuer, RefusesTheAlgorithmsNobodyConfigured) {
  for (std::string_view name :
       {"none", "None", "NONE", "nOnE", "HS384", "HS512", "RS256", "hs256"}) {
    const std::string header = R"({"typ":"at+jwt","alg":")" + std::string(name) + "\"}";
    EXPECT_EQ(refusal(verify(hs256(claims(), header))), "alg is not one of the issuer's") << name;
  }
  EXPECT_EQ(refusal(verify(hs256(claims(), R"({"alg":"","typ":"at+jwt"})"))),
            "header: alg is missing");
  const std::string unsigned_token = base::base64url_encode(R"({"alg":"none","typ":"at+jwt"})") +
                                     "." + base::base64url_encode(claims()) + ".";
  EXPECT_EQ(refusal(verify(unsigned_token)), "no signature");
}

TEST(Issuer, IsNotFooledByItsPublicKeyAsASecret) {
  const SigningKey rsa = SigningKey::rsa();
  const KeySet keys = *KeySet::from_pem(rsa.public_pem());
  Issuer by = issuer();
  by.algorithms = {TokenAlgorithm::Rs256};
  const std::string forged = sign_token(kHeader, claims(), crypto::HmacKey(rsa.public_pem()));

  EXPECT_EQ(refusal(verify(forged, by, keys)), "alg is not one of the issuer's");
  by.algorithms.push_back(TokenAlgorithm::Hs256);  // even where somebody configured that
  EXPECT_EQ(refusal(verify(forged, by, keys)), "no key of the issuer fits");
}

TEST(Issuer, ChecksKeyTypeAndKeyName) {
  const KeySet keys = *KeySet::from_jwks(R"({"keys":[{"kty":"oct","kid":"ours","k":")" +
                                         base::base64url_encode(kSecret) + "\"}]}");
  const auto named = [&](std::string_view id) {
    return verify(
        hs256(claims(), R"({"alg":"HS256","typ":"at+jwt","kid":")" + std::string(id) + "\"}"),
        issuer(), keys);
  };
  EXPECT_TRUE(named("ours").has_value());
  for (std::string_view id :
       {"theirs", "", "../ours", "ours\\u0022", "ours' or '1'='1", "file:///dev/null", "|| true"}) {
    auto refused = named(id);
    ASSERT_FALSE(refused.has_value()) << id;
    EXPECT_EQ(refused.error().code, "unknown_key") << id;
  }
}

TEST(Issuer, RefusesSignaturesOfTheWrongForm) {
  const SigningKey p256 = SigningKey::p256();
  const SigningKey ed = SigningKey::ed25519();
  Issuer by = issuer();
  by.algorithms = {TokenAlgorithm::Es256, TokenAlgorithm::EdDsa};
  const KeySet keys = *KeySet::from_pem(p256.public_pem() + ed.public_pem());
  const auto input = [](std::string_view algorithm) {
    return base::base64url_encode(R"({"typ":"at+jwt","alg":")" + std::string(algorithm) + "\"}") +
           "." + base::base64url_encode(claims());
  };
  const auto token = [&](std::string_view algorithm, const base::Bytes& signature) {
    return input(algorithm) + "." + base::base64url_encode(signature);
  };
  const base::Bytes good_es = p256.sign(SignatureScheme::Es256, input("ES256"));
  const base::Bytes good_ed = ed.sign(SignatureScheme::Ed25519, input("EdDSA"));

  EXPECT_EQ(refusal(verify(token("ES256", good_es), by, keys)), "accepted");
  EXPECT_EQ(refusal(verify(token("EdDSA", good_ed), by, keys)), "accepted");
  for (const base::Bytes& bad : {base::Bytes(64, '\0'), p256.sign_es256_der(input("ES256")),
                                 good_es.substr(0, 63), base::Bytes(64, '\xff'), good_ed}) {
    EXPECT_EQ(refusal(verify(token("ES256", bad), by, keys)), "the signature is wrong");
  }
  for (const base::Bytes& bad :
       {base::Bytes(64, '\0'), good_ed.substr(0, 63), good_ed.substr(0, 32), good_es}) {
    EXPECT_EQ(refusal(verify(token("EdDSA", bad), by, keys)), "the signature is wrong");
  }
}

TEST(Issuer, ChecksWhoIssuedItAndForWhom) {
  for (std::string_view iss : {"", "\"https://issuer.example/\"", "\"HTTPS://issuer.example\"", "1",
                               "[\"https://issuer.example\"]", "null"}) {
    EXPECT_EQ(refusal(verify(hs256(claims({{"iss", std::string(iss)}})))), "iss is another issuer")
        << iss;
  }
  for (std::string_view aud : {"", "\"other\"", "\"\"", "[]", "[\"other\"]", "[[\"piperoll\"]]",
                               "7", "null", "{}", "\"piperoll \"", "\"piperoll,other\""}) {
    EXPECT_EQ(refusal(verify(hs256(claims({{"aud", std::string(aud)}})))), "aud is not ours")
        << aud;
  }
  EXPECT_TRUE(verify(hs256(claims({{"aud", R"(["x","piperoll"])"}}))).has_value());
  EXPECT_TRUE(verify(hs256(claims({{"aud", R"(["https://audit.example"])"}}))).has_value());
}

TEST(Issuer, ChecksTimes) {
  const auto at = [](std::int64_t offset) { return std::to_string(kNowSeconds + offset); };
  struct Case {
    std::string name, value, refusal;
  };
  const Case cases[] = {
      {"exp", "", "exp is missing"},
      {"exp", "null", "exp must be a number"},
      {"exp", "\"" + at(600) + "\"", "exp must be a number"},
      {"exp", "true", "exp must be a number"},
      {"exp", at(-60), "expired"},
      {"exp", at(-59), "accepted"},
      {"exp", at(-60) + ".5", "accepted"},
      {"exp", "-1", "exp is out of range"},
      {"exp", "1e300", "exp is out of range"},
      {"exp", at(86'391), "valid for longer than lifetime_max"},
      {"exp", at(86'390), "accepted"},
      {"nbf", at(61), "not valid yet (nbf)"},
      {"nbf", at(60), "accepted"},
      {"nbf", "\"0\"", "nbf must be a number"},
      {"iat", at(61), "issued in the future (iat)"},
      {"iat", at(60), "accepted"},
      {"iat", "", "accepted"},
      {"iat", "{}", "iat must be a number"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(refusal(verify(hs256(claims({{c.name, c.value}})))), c.refusal)
        << c.name << " " << c.value;
  }
}

TEST(Issuer, NeedsASubjectAndWhereToldAnId) {
  for (std::string_view sub : {std::string_view(""), std::string_view("\"\""),
                               std::string_view("1"), std::string_view("null")}) {
    EXPECT_EQ(refusal(verify(hs256(claims({{"sub", std::string(sub)}})))),
              "sub must be a text of 1 to 255 characters");
  }
  EXPECT_FALSE(verify(hs256(claims({{"sub", "\"" + std::string(256, 's') + "\""}}))).has_value());
  Issuer by = issuer();
  by.id_required = true;
  EXPECT_EQ(refusal(verify(hs256(claims()), by)), "jti is missing");
  EXPECT_EQ(refusal(verify(hs256(claims({{"jti", "\"t-1\""}})), by)), "accepted");
}

TEST(Issuer, RefusesWhatIsNoAccessToken) {
  EXPECT_EQ(refusal(verify(hs256(claims({{"at_hash", "\"x\""}})))),
            "an ID token is no access token");
  const std::string broken = "payload: not a JSON object with distinct members";
  EXPECT_EQ(refusal(verify(hs256("[]"))), broken);
  EXPECT_EQ(refusal(verify(hs256(""))), broken);
  EXPECT_EQ(refusal(verify(hs256("{\"sub\":\"\xff\"}"))), broken);
  EXPECT_EQ(refusal(verify(hs256(claims({{"jti", "\"a\",\"jti\":\"b\""}})))), broken);
}

TEST(Issuer, MapsClaimsToOrganisationAndRoles) {
  Issuer by = issuer();
  by.organisation_claim = "/tenant/name";
  by.roles_claim = "/realm_access/roles";
  by.role_values = {
      {"audit-read", Role::Reader}, {"audit-all", Role::Auditor}, {"writers", Role::Writer}};
  by.name_claim = "email";
  auto identity =
      verify(hs256(claims({{"tenant", R"({"name":"acme"})"},
                           {"realm_access", R"({"roles":["audit-read","writers","admin",7]})"},
                           {"email", "\"a@example.com\""}})),
             by);

  ASSERT_TRUE(identity.has_value()) << identity.error().message;
  EXPECT_EQ(identity->organisation, "acme");
  EXPECT_EQ(identity->roles, (Roles{Role::Reader, Role::Writer})) << "admin is not in the mapping";
  EXPECT_EQ(identity->name, "a@example.com");
}

TEST(Issuer, ReadsRolesFromAScopeAndAddsThoseOfEveryToken) {
  Issuer by = issuer();
  by.roles_claim = "scope";
  by.roles = {Role::Writer};

  EXPECT_EQ(verify(hs256(claims({{"scope", "\"openid  auditor x\""}})), by)->roles,
            (Roles{Role::Writer, Role::Auditor}));
  EXPECT_EQ(verify(hs256(claims({{"scope", "5"}})), by)->roles, Roles{Role::Writer});
  EXPECT_TRUE(verify(hs256(claims({{"roles", ""}})))->roles.empty());
}

TEST(Issuer, NeverLetsAClaimMakeAServerCredential) {
  for (std::string_view org : {"", "\"*\"", "\"\"", "1", "[\"demo\"]"}) {
    EXPECT_EQ(refusal(verify(hs256(claims({{"org", std::string(org)}})))), "names no organisation")
        << org;
  }
  Issuer by = issuer();
  by.organisation_claim.clear();
  by.organisation = "*";
  EXPECT_TRUE(verify(hs256(claims()), by)->server) << "the configuration may";
  by.organisation = "acme";
  EXPECT_EQ(verify(hs256(claims()), by)->organisation, "acme") << "and the claim does not count";
}

TEST(Issuer, IsFoundByWhatATokenClaims) {
  EXPECT_EQ(claimed_issuer(*parse_token(hs256(claims()))), "https://issuer.example");
  EXPECT_EQ(claimed_issuer(*parse_token(hs256("{}"))), std::nullopt);
  EXPECT_EQ(claimed_issuer(*parse_token(hs256("no json"))), std::nullopt);
  EXPECT_EQ(claimed_issuer(*parse_token(hs256(R"({"iss":1})"))), std::nullopt);
}

// RFC 7515 A.1 as a token: its signature is right, and it is for nobody and over since 2011.
TEST(Issuer, IsNotContentWithARightSignature) {
  const KeySet keys = *KeySet::from_jwks(
      R"({"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}]})");
  Issuer by = issuer();
  by.issuer = "joe";
  by.types = {"JWT"};
  const std::string token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
      "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

  EXPECT_EQ(refusal(verify(token, by, keys)), "aud is not ours");
}

}  // namespace
}  // namespace piperoll::auth
