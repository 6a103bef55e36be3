#include "auth/key_set.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "crypto/testing/signing_key.h"

namespace piperoll::auth {
namespace {

using crypto::testing::SigningKey;

std::string rsa_jwk(const SigningKey& key, const std::string& more) {
  return R"({"kty":"RSA","n":")" + base::base64url_encode(key.modulus()) + R"(","e":")" +
         base::base64url_encode(key.exponent()) + "\"" + more + "}";
}

std::string ed_jwk(const std::string& more) {
  return R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")" +
         more + "}";
}

base::Result<KeySet> jwks(const std::string& keys) {
  return KeySet::from_jwks("{\"keys\":[" + keys + "]}");
}

TEST(TokenAlgorithm, HasTheNamesOfItsRfcs) {
  for (std::string_view name : {"HS256", "RS256", "PS256", "ES256", "EdDSA"}) {
    ASSERT_TRUE(parse_token_algorithm(name).has_value()) << name;
    EXPECT_EQ(to_string(*parse_token_algorithm(name)), name);
  }
  EXPECT_EQ(parse_token_algorithm("Ed25519"), TokenAlgorithm::EdDsa);
  for (std::string_view name : {"", "none", "None", "NONE", "hs256", "HS384", "RS512", "RS1"}) {
    EXPECT_FALSE(parse_token_algorithm(name).has_value()) << name;
  }
}

TEST(KeySet, KeepsTheKeysThatSignaturesCanBeCheckedWith) {
  const SigningKey rsa = SigningKey::rsa();
  auto set = jwks(ed_jwk(R"(,"kid":"good","use":"sig","alg":"EdDSA","key_ops":["verify"])") + "," +
                  ed_jwk(R"(,"kid":"for-encryption","use":"enc")") + "," +
                  ed_jwk(R"(,"kid":"for-signing","key_ops":["sign"])") + "," +
                  ed_jwk(R"(,"kid":"other-alg","alg":"RS256")") + "," +
                  ed_jwk(R"(,"kid":"unknown-alg","alg":"ES512")") + "," +
                  rsa_jwk(SigningKey::rsa(1024), R"(,"kid":"weak")") + "," +
                  rsa_jwk(rsa, R"(,"kid":"ps","alg":"PS256")") + "," +
                  R"({"kty":"EC","crv":"P-384","kid":"curve"},{"kty":"OKP","crv":"X25519"},)" +
                  R"({"kty":"oct","k":"c2hvcnQ","kid":"short"},{"kty":"new"},{},7,"x")");

  ASSERT_TRUE(set.has_value()) << set.error().message;
  ASSERT_EQ(set->keys().size(), 2U);
  EXPECT_EQ(set->keys()[0].id, "good");
  EXPECT_TRUE(set->keys()[0].fits(TokenAlgorithm::EdDsa));
  EXPECT_FALSE(set->keys()[0].fits(TokenAlgorithm::Hs256));
  EXPECT_EQ(set->keys()[1].id, "ps");
  EXPECT_TRUE(set->keys()[1].fits(TokenAlgorithm::Ps256));
  EXPECT_FALSE(set->keys()[1].fits(TokenAlgorithm::Rs256)) << "its owner says PS256";
}

TEST(KeySet, IsRefusedWhereItIsNone) {
  EXPECT_FALSE(KeySet::from_jwks("").has_value());
  EXPECT_FALSE(KeySet::from_jwks("[]").has_value());
  EXPECT_FALSE(KeySet::from_jwks("{}").has_value());
  EXPECT_FALSE(KeySet::from_jwks(R"({"keys":{}})").has_value());
  EXPECT_FALSE(KeySet::from_jwks(R"({"keys":[]})").has_value());
  EXPECT_FALSE(jwks(ed_jwk(R"(,"kid":"a","kid":"b")")).has_value()) << "a member twice";
  EXPECT_FALSE(jwks(ed_jwk(R"(,"kid":"a")") + "," + ed_jwk(R"(,"kid":"a")")).has_value());
  EXPECT_FALSE(jwks(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})").has_value());
  EXPECT_FALSE(KeySet::from_jwks(R"({"keys":[)" + ed_jwk("") + "]}" +
                                 std::string(KeySet::kTextBytesMax, ' '))
                   .has_value());
  std::string many = ed_jwk("");
  for (std::size_t i = 0; i < KeySet::kKeysMax; ++i) {
    many += "," + ed_jwk("");
  }
  EXPECT_FALSE(jwks(many).has_value());
}

TEST(KeySet, TakesSecretsOfAtLeast256Bits) {
  EXPECT_FALSE(KeySet::from_secret(std::string(31, 's')).has_value());
  auto set = KeySet::from_secret(std::string(32, 's'));
  ASSERT_TRUE(set.has_value());
  EXPECT_TRUE(set->keys()[0].fits(TokenAlgorithm::Hs256));
  EXPECT_FALSE(set->keys()[0].fits(TokenAlgorithm::Rs256));
}

TEST(KeySet, IsReadFromEitherForm) {
  EXPECT_TRUE(KeySet::from_text(" \n{\"keys\":[" + ed_jwk("") + "]}").has_value());
  EXPECT_TRUE(KeySet::from_text(SigningKey::p256().public_pem()).has_value());
  EXPECT_FALSE(KeySet::from_text("").has_value());
}

TEST(KeySet, ChoosesByNameAndAlgorithm) {
  const SigningKey rsa = SigningKey::rsa();
  const KeySet set = *jwks(ed_jwk(R"(,"kid":"ed")") + "," + rsa_jwk(rsa, R"(,"kid":"rsa")"));

  EXPECT_EQ(set.candidates(TokenAlgorithm::EdDsa, "ed").size(), 1U);
  EXPECT_EQ(set.candidates(TokenAlgorithm::EdDsa, "rsa").size(), 0U) << "the type must agree";
  EXPECT_EQ(set.candidates(TokenAlgorithm::Hs256, "rsa").size(), 0U);
  EXPECT_EQ(set.candidates(TokenAlgorithm::Rs256, "rsa").size(), 1U);
  EXPECT_EQ(set.candidates(TokenAlgorithm::Rs256, "other").size(), 0U);
  EXPECT_EQ(set.candidates(TokenAlgorithm::Rs256, "../rsa' OR 1=1").size(), 0U);
  EXPECT_EQ(set.candidates(TokenAlgorithm::Rs256, std::nullopt).size(), 1U);
}

TEST(KeySet, TriesNoMoreThanABoundedNumberOfKeys) {
  std::string many = ed_jwk("");
  for (std::size_t i = 1; i < KeySet::kKeysMax; ++i) {
    many += "," + ed_jwk("");
  }
  EXPECT_EQ(jwks(many)->candidates(TokenAlgorithm::EdDsa, std::nullopt).size(),
            KeySet::kCandidatesMax);
}

}  // namespace
}  // namespace piperoll::auth
