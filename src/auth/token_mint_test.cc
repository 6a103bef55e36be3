#include "auth/token_mint.h"

#include <gtest/gtest.h>

namespace piperoll::auth {
namespace {

constexpr base::Timestamp kNow{1'767'323'045'000'000};
const std::string kKey(32, 'm');

base::Uuid key_id() {
  base::Uuid id;
  id.bytes.fill(7);
  return id;
}

TokenVerifier verifier_of(const TokenMint& mint) {
  std::vector<TokenVerifier::Trusted> trusted;
  trusted.push_back(mint.trusted());
  return TokenVerifier(std::move(trusted));
}

base::Timestamp after(std::int64_t seconds) {
  return {kNow.micros + seconds * base::kMicrosPerSecond};
}

TEST(TokenMint, MakesTokensThatNameAKeyForAnHour) {
  const TokenMint mint("audit.example", kKey);
  TokenVerifier verifier = verifier_of(mint);

  const MintedToken minted = mint.mint(key_id().to_string(), kNow, std::nullopt);

  EXPECT_EQ(minted.seconds, 3600);
  auto identity = verifier.verify(minted.token, kNow);
  ASSERT_TRUE(identity.has_value()) << identity.error().message;
  EXPECT_TRUE((*identity)->subject_is_key);
  EXPECT_EQ((*identity)->subject, key_id().to_string());
  EXPECT_TRUE((*identity)->roles.empty()) << "the key's are looked up";
  EXPECT_TRUE((*identity)->organisation.empty());
  EXPECT_FALSE((*identity)->server);
  EXPECT_TRUE(verifier.verify(minted.token, after(3599)).has_value());
  EXPECT_FALSE(verifier.verify(minted.token, after(3600)).has_value());
}

TEST(TokenMint, MakesNoTokenThatOutlivesItsKey) {
  const TokenMint mint("audit.example", kKey);

  EXPECT_EQ(mint.mint(key_id().to_string(), kNow, after(90)).seconds, 90);
  EXPECT_EQ(mint.mint(key_id().to_string(), kNow, after(7200)).seconds, 3600);
}

TEST(TokenMint, MakesTokensForItsOwnServerAlone) {
  const TokenMint mint("audit.example", kKey);
  const std::string token = mint.mint(key_id().to_string(), kNow, std::nullopt).token;

  EXPECT_FALSE(verifier_of(TokenMint("other.example", kKey)).verify(token, kNow).has_value());
  EXPECT_FALSE(verifier_of(TokenMint("audit.example", std::string(32, 'n')))
                   .verify(token, kNow)
                   .has_value());
}

TEST(TokenMint, MakesNoTokenTwice) {
  const TokenMint mint("audit.example", kKey);

  EXPECT_NE(mint.mint(key_id().to_string(), kNow, std::nullopt).token,
            mint.mint(key_id().to_string(), kNow, std::nullopt).token);
}

TEST(TokenMint, AUserIsNamedWithTheStateItWasIn) {
  const auto parsed = parse_user_subject(user_subject(key_id(), 7));

  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id, key_id());
  EXPECT_EQ(parsed->generation, 7U);
  for (std::string bad :
       {std::string(), key_id().to_string(), std::string("user:"), "user:" + key_id().to_string(),
        "user:" + key_id().to_string() + ":", "user:" + key_id().to_string() + ":7x",
        "user:" + key_id().to_string() + ":-1", std::string("user:x:1")}) {
    EXPECT_FALSE(parse_user_subject(bad)) << bad;
  }
}

}  // namespace
}  // namespace piperoll::auth
