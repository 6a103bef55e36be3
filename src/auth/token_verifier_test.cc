#include "auth/token_verifier.h"

#include <gtest/gtest.h>

namespace piperoll::auth {
namespace {

using base::Timestamp;

constexpr std::int64_t kNowSeconds = 1'767'323'045;
constexpr Timestamp kNow{kNowSeconds * base::kMicrosPerSecond};

// Keys that a test changes.
class TestKeys : public KeySource {
 public:
  std::shared_ptr<const KeySet> keys() const override { return set; }
  bool refresh(std::function<void()> done) override {
    waiting = std::move(done);
    return may_refresh;
  }
  std::shared_ptr<const KeySet> set;
  bool may_refresh = true;
  std::function<void()> waiting;
};

std::shared_ptr<const KeySet> secret_keys(char c) {
  return std::make_shared<const KeySet>(*KeySet::from_secret(std::string(32, c)));
}

struct World {
  TestKeys* keys = nullptr;
  TokenVerifier verifier;
};

TokenVerifier::Trusted trusted(const std::string& iss, std::unique_ptr<KeySource> keys) {
  Issuer issuer;
  issuer.issuer = iss;
  issuer.audiences = {"piperoll"};
  issuer.algorithms = {TokenAlgorithm::Hs256};
  issuer.organisation = "demo";
  issuer.roles = {Role::Reader};
  return {std::move(issuer), std::move(keys)};
}

World one_issuer() {
  auto keys = std::make_unique<TestKeys>();
  keys->set = secret_keys('a');
  TestKeys* raw = keys.get();
  std::vector<TokenVerifier::Trusted> all;
  all.push_back(trusted("a", std::move(keys)));
  return {raw, TokenVerifier(std::move(all))};
}

std::string token(const std::string& iss, char key, const std::string& subject = "s") {
  return sign_token(R"({"alg":"HS256","typ":"at+jwt"})",
                    R"({"iss":")" + iss + R"(","aud":"piperoll","sub":")" + subject +
                        R"(","exp":)" + std::to_string(kNowSeconds + 600) + "}",
                    crypto::HmacKey(std::string(32, key)));
}

TEST(TokenVerifier, ChecksATokenWithItsOwnIssuersKeysAlone) {
  std::vector<TokenVerifier::Trusted> all;
  all.push_back(trusted("a", fixed_keys(*secret_keys('a'))));
  all.push_back(trusted("b", fixed_keys(*secret_keys('b'))));
  TokenVerifier verifier(std::move(all));

  EXPECT_TRUE(verifier.verify(token("a", 'a'), kNow).has_value());
  EXPECT_TRUE(verifier.verify(token("b", 'b'), kNow).has_value());
  EXPECT_FALSE(verifier.verify(token("a", 'b'), kNow).has_value());
  EXPECT_FALSE(verifier.verify(token("b", 'a'), kNow).has_value());
  EXPECT_FALSE(verifier.verify(token("c", 'a'), kNow).has_value());
  EXPECT_FALSE(verifier.verify("", kNow).has_value());
}

TEST(TokenVerifier, RemembersWhatItVerifiedUntilItExpires) {
  World world = one_issuer();
  const std::string good = token("a", 'a');
  EXPECT_EQ(world.verifier.recall(good, kNow), nullptr);

  auto verified = world.verifier.verify(good, kNow);

  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(world.verifier.recall(good, kNow), *verified);
  const Timestamp end = (*verified)->valid_until;
  EXPECT_EQ(world.verifier.recall(good, {end.micros - 1}), *verified);
  EXPECT_EQ(world.verifier.recall(good, end), nullptr);
}

TEST(TokenVerifier, RemembersNothingThatWasRefusedOrThatDiffersInOneByte) {
  World world = one_issuer();
  const std::string good = token("a", 'a');
  const std::string bad = token("a", 'b');
  ASSERT_TRUE(world.verifier.verify(good, kNow).has_value());
  ASSERT_FALSE(world.verifier.verify(bad, kNow).has_value());

  EXPECT_EQ(world.verifier.recall(bad, kNow), nullptr);
  std::string flipped = good;
  flipped.back() = flipped.back() == 'A' ? 'E' : 'A';
  EXPECT_EQ(world.verifier.recall(flipped, kNow), nullptr);
}

TEST(TokenVerifier, ForgetsWhatAnIssuersOldKeysSigned) {
  World world = one_issuer();
  const std::string good = token("a", 'a');
  ASSERT_TRUE(world.verifier.verify(good, kNow).has_value());

  world.keys->set = secret_keys('b');

  EXPECT_EQ(world.verifier.recall(good, kNow), nullptr);
  EXPECT_FALSE(world.verifier.verify(good, kNow).has_value());
}

TEST(TokenVerifier, RemembersABoundedNumberOfTokens) {
  World world = one_issuer();
  for (std::size_t i = 0; i < TokenVerifier::kRememberedMax + 10; ++i) {
    ASSERT_TRUE(world.verifier.verify(token("a", 'a', std::to_string(i)), kNow).has_value());
  }

  EXPECT_EQ(world.verifier.recall(token("a", 'a', "0"), kNow), nullptr);
  EXPECT_NE(world.verifier.recall(
                token("a", 'a', std::to_string(TokenVerifier::kRememberedMax + 9)), kNow),
            nullptr);
}

TEST(TokenVerifier, AsksTheIssuerForNewerKeys) {
  World world = one_issuer();
  world.keys->set = nullptr;
  const std::string good = token("a", 'a');

  auto refused = world.verifier.verify(good, kNow);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "unknown_key");
  bool called = false;
  EXPECT_TRUE(world.verifier.refresh(good, [&] { called = true; }));
  world.keys->set = secret_keys('a');
  world.keys->waiting();

  EXPECT_TRUE(called);
  EXPECT_TRUE(world.verifier.verify(good, kNow).has_value());
  EXPECT_FALSE(world.verifier.refresh(token("other", 'a'), [] {}));
  world.keys->may_refresh = false;
  EXPECT_FALSE(world.verifier.refresh(good, [] {}));
}

}  // namespace
}  // namespace piperoll::auth
