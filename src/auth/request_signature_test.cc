#include "auth/request_signature.h"

#include <gtest/gtest.h>

namespace piperoll::auth {
namespace {

constexpr std::string_view kApiKey = "prl_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp";

std::string hex_signature(const crypto::HmacKey& key, const SignedRequest& request) {
  const crypto::Sha256Digest digest = request_signature(key, request);
  return base::hex_encode(crypto::as_bytes(digest));
}

// Computed with the openssl command (dgst -sha256 -mac HMAC), three times one after the other.
TEST(RequestSignature, AgreesWithOpenssl) {
  struct Case {
    SignedRequest request;
    std::string_view signature;
  };
  const Case cases[] = {
      {{.method = "GET", .target = "/api/v2/audit", .date_hour = "2026-01-02T03"},
       "e6aaaeffe5ceb8de3ac0cdd0a80a02508149276d84efadb398ffe4574ebf65bb"},
      {{.method = "GET",
        .target = "/api/v2/audit?limit=2&action=eq:a%20b",
        .date_hour = "2026-01-02T05"},
       "bae921e700e634f64d040f42ebe606669b49b4c7d1f1634321653457bebae282"},
      {{.method = "POST",
        .target = "/api/v2/x?y=1",
        .date_hour = "2026-01-02T03",
        .body = R"({"a":1})"},
       "d6b3d21654c541f20273d7f3d435bbeb8a8fdf42455fd16a13e1349bcd761e7c"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(hex_signature(crypto::HmacKey(kApiKey), c.request), c.signature);
  }
}

TEST(RequestSignature, DependsOnEveryPart) {
  const SignedRequest request{
      .method = "GET", .target = "/a?b=c", .date_hour = "2026-01-02T03", .body = "x"};
  const crypto::HmacKey key(kApiKey);
  const std::string whole = hex_signature(key, request);

  SignedRequest changed = request;
  changed.method = "PUT";
  EXPECT_NE(hex_signature(key, changed), whole);
  changed = request;
  changed.target = "/a?b=d";
  EXPECT_NE(hex_signature(key, changed), whole);
  changed = request;
  changed.date_hour = "2026-01-02T04";
  EXPECT_NE(hex_signature(key, changed), whole);
  changed = request;
  changed.body = "";
  EXPECT_NE(hex_signature(key, changed), whole);
}

TEST(SigningVault, SignsLikeTheKeyWithoutHoldingIt) {
  const SigningVault vault(std::string(32, 'v'));
  base::Uuid id, other;
  id.bytes.fill(1);
  other.bytes.fill(2);
  const SignedRequest request{.method = "GET", .target = "/", .date_hour = "2026-01-02T03"};

  const base::Bytes sealed = vault.seal(id, kApiKey);

  EXPECT_EQ(sealed.find(kApiKey), std::string::npos);
  auto key = vault.open(id, sealed);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(hex_signature(*key, request), hex_signature(crypto::HmacKey(kApiKey), request));
  EXPECT_FALSE(vault.open(other, sealed).has_value()) << "of another key";
  EXPECT_FALSE(SigningVault(std::string(32, 'w')).open(id, sealed).has_value());
  EXPECT_FALSE(vault.open(id, "").has_value());
  EXPECT_FALSE(vault.open(id, crypto::as_bytes(crypto::sha256("x"))).has_value());
}

}  // namespace
}  // namespace piperoll::auth
