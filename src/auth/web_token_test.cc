#include "auth/web_token.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "crypto/testing/signing_key.h"

namespace piperoll::auth {
namespace {

using crypto::testing::SigningKey;

SignatureCheck check(std::string_view token, TokenAlgorithm algorithm, const KeySet& keys) {
  auto parsed = parse_token(token);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
  return check_signature(*parsed, algorithm, keys);
}

KeySet jwks(const std::string& keys) {
  auto set = KeySet::from_jwks("{\"keys\":[" + keys + "]}");
  EXPECT_TRUE(set.has_value()) << set.error().message;
  return *std::move(set);
}

const std::string kJoePayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

TEST(WebToken, Rfc7515A1Hs256) {
  const KeySet keys = jwks(
      R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})");
  const std::string token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + kJoePayload +
                            ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

  EXPECT_EQ(check(token, TokenAlgorithm::Hs256, keys), SignatureCheck::Good);
  EXPECT_EQ(parse_token(token)->type, "JWT");
  EXPECT_EQ(parse_token(token)->payload,
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
}

TEST(WebToken, Rfc7515A2Rs256) {
  const KeySet keys = jwks(
      R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})");
  const std::string token =
      "eyJhbGciOiJSUzI1NiJ9." + kJoePayload +
      ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
      "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvk"
      "SjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvW"
      "h6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

  EXPECT_EQ(check(token, TokenAlgorithm::Rs256, keys), SignatureCheck::Good);
}

TEST(WebToken, Rfc7515A3Es256) {
  const KeySet keys = jwks(
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
  const std::string token =
      "eyJhbGciOiJFUzI1NiJ9." + kJoePayload +
      ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

  EXPECT_EQ(check(token, TokenAlgorithm::Es256, keys), SignatureCheck::Good);
}

TEST(WebToken, Rfc8037A4EdDsa) {
  const KeySet keys =
      jwks(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  const std::string token =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGc"
      "vMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

  EXPECT_EQ(check(token, TokenAlgorithm::EdDsa, keys), SignatureCheck::Good);
  EXPECT_EQ(check(token, TokenAlgorithm::Es256, keys), SignatureCheck::UnknownKey);
}

// The other half of each algorithm, made here.
TEST(WebToken, AgreesWithFreshSignaturesOfEveryAlgorithm) {
  struct Case {
    TokenAlgorithm algorithm;
    crypto::SignatureScheme scheme;
    SigningKey key;
  };
  const Case cases[] = {
      {TokenAlgorithm::Rs256, crypto::SignatureScheme::Rs256, SigningKey::rsa()},
      {TokenAlgorithm::Ps256, crypto::SignatureScheme::Ps256, SigningKey::rsa()},
      {TokenAlgorithm::Es256, crypto::SignatureScheme::Es256, SigningKey::p256()},
      {TokenAlgorithm::EdDsa, crypto::SignatureScheme::Ed25519, SigningKey::ed25519()},
  };
  for (const Case& c : cases) {
    const KeySet keys = *KeySet::from_pem(c.key.public_pem());
    const std::string input = base::base64url_encode(R"({"alg":"x"})") + ".e30";
    const base::Bytes signature = c.key.sign(c.scheme, input);

    EXPECT_EQ(check(input + "." + base::base64url_encode(signature), c.algorithm, keys),
              SignatureCheck::Good);
    for (const base::Bytes& wrong : {signature.substr(0, signature.size() - 1),
                                     base::Bytes(signature.size(), '\0'), signature + signature}) {
      EXPECT_EQ(check(input + "." + base::base64url_encode(wrong), c.algorithm, keys),
                SignatureCheck::Bad);
    }
  }
}

TEST(WebToken, SignsWhatItVerifies) {
  const std::string secret(32, 's');
  const std::string token =
      sign_token(R"({"alg":"HS256"})", R"({"sub":"x"})", crypto::HmacKey(secret));

  EXPECT_EQ(check(token, TokenAlgorithm::Hs256, *KeySet::from_secret(secret)),
            SignatureCheck::Good);
  EXPECT_EQ(check(token, TokenAlgorithm::Hs256, *KeySet::from_secret(secret + "t")),
            SignatureCheck::Bad);
}

TEST(WebToken, HasThreePartsOfStrictBase64Url) {
  const std::string header = base::base64url_encode(R"({"alg":"HS256"})");
  const std::string good = header + ".e30.AAAA";
  ASSERT_TRUE(parse_token(good).has_value());

  for (const std::string& bad : {std::string(),
                                 std::string("."),
                                 std::string(".."),
                                 std::string("..."),
                                 good + ".",
                                 "." + good,
                                 good + "=",
                                 good + " ",
                                 " " + good,
                                 "\t" + good,
                                 good + "\n",
                                 header + ".e30=.AAAA",
                                 header + ".e30.",
                                 header + "..AAAA",
                                 std::string(".e30.AAAA"),
                                 header + ".e30.AAA+",
                                 header + ".e30.AAA/",

                                 header + ".e 30.AAAA",
                                 header + ".e31.AAAA",  // bits left over that are not zero
                                 header + ".e30",
                                 header,
                                 good + ".AAAA.AAAA",
                                 header + ".e30.AAAA\xff",
                                 header + "." + std::string(kTokenBytesMax, 'e') + ".AAAA"}) {
    // An empty payload is no JSON, which is for the claims to say.
    if (bad != header + "..AAAA") {
      EXPECT_FALSE(parse_token(bad).has_value()) << bad;
    }
  }
}

TEST(WebToken, HasAStrictHeader) {
  const auto with_header = [](std::string_view header) {
    return parse_token(base::base64url_encode(header) + ".e30.AAAA");
  };
  EXPECT_TRUE(with_header(R"({"alg":"HS256","kid":"../../k'\"","x":1})").has_value());
  EXPECT_TRUE(with_header(R"({"alg":"HS256","jku":"https://evil.example/","jwk":{},"x5u":"u"})")
                  .has_value());

  for (std::string_view bad :
       {R"({})", R"([])", R"("HS256")", R"({"alg":""})", R"({"alg":null})", R"({"alg":1})",
        R"({"alg":["HS256"]})", R"({"alg":"HS256","alg":"none"})", R"({"alg":"HS256","kid":1})",
        R"({"alg":"HS256","typ":{}})", R"({"alg":"HS256","crit":["exp"],"exp":1})",
        R"({"alg":"HS256","crit":[]})", R"({"alg":"HS256","zip":"DEF"})",
        R"({"alg":"dir","enc":"A256GCM"})", R"({"alg":"HS256"}x)", "{\"alg\":\"HS256\xff\"}", ""}) {
    EXPECT_FALSE(with_header(bad).has_value()) << bad;
  }
  EXPECT_FALSE(
      with_header("{\"alg\":\"HS256\",\"kid\":\"" + std::string(1025, 'k') + "\"}").has_value());
}

TEST(WebToken, IsToldFromAKeyByItsForm) {
  EXPECT_TRUE(has_form_of_token("a.b.c"));
  EXPECT_FALSE(has_form_of_token("prl_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp"));
  EXPECT_FALSE(has_form_of_token("a.b"));
  EXPECT_FALSE(has_form_of_token("a.b.c|d"));
}

}  // namespace
}  // namespace piperoll::auth
