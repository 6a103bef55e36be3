#include "auth/key_source.h"

#include <gtest/gtest.h>

namespace piperoll::auth {
namespace {

constexpr std::int64_t kSecond = FetchPlan::kSecond;

TEST(FetchPlan, FetchesAtOnceAndThenAsTheAnswerAllowsWithinBounds) {
  FetchPlan plan(5);
  EXPECT_EQ(plan.due(), 5);
  EXPECT_FALSE(plan.is_believed(5));

  plan.succeeded(10, std::nullopt);
  EXPECT_EQ(plan.due(), 10 + 3600 * kSecond);
  plan.succeeded(10, 0);
  EXPECT_EQ(plan.due(), 10 + 300 * kSecond);
  plan.succeeded(10, 600);
  EXPECT_EQ(plan.due(), 10 + 600 * kSecond);
  plan.succeeded(10, std::int64_t{1} << 62);
  EXPECT_EQ(plan.due(), 10 + 86'400 * kSecond);
}

TEST(FetchPlan, WaitsLongerAfterEachFailureUpToABound) {
  FetchPlan plan(0);
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 7; ++i) {
    plan.failed(0);
    pauses.push_back(plan.due() / kSecond);
  }
  EXPECT_EQ(pauses, (std::vector<std::int64_t>{10, 20, 40, 80, 160, 300, 300}));
  plan.succeeded(0, std::nullopt);
  plan.failed(0);
  EXPECT_EQ(plan.due(), 10 * kSecond);
}

TEST(FetchPlan, FetchesForAnUnknownKeyOnceAMinute) {
  FetchPlan plan(0);
  plan.succeeded(0, std::nullopt);

  EXPECT_TRUE(plan.ask(kSecond));
  EXPECT_EQ(plan.due(), kSecond);
  plan.succeeded(kSecond, std::nullopt);
  EXPECT_FALSE(plan.ask(2 * kSecond));
  EXPECT_FALSE(plan.ask(61 * kSecond - 1));
  EXPECT_TRUE(plan.ask(61 * kSecond));
}

TEST(FetchPlan, BelievesAnOldSetForABoundedTime) {
  FetchPlan plan(0);
  plan.succeeded(0, std::nullopt);
  plan.failed(3600 * kSecond);

  EXPECT_TRUE(plan.is_believed(FetchPlan::kBelievedMax - 1));
  EXPECT_FALSE(plan.is_believed(FetchPlan::kBelievedMax));
}

TEST(FixedKeys, AreTheSameForever) {
  auto source = fixed_keys(*KeySet::from_secret(std::string(32, 's')));

  EXPECT_EQ(source->keys(), source->keys());
  EXPECT_FALSE(source->refresh([] { FAIL(); }));
}

}  // namespace
}  // namespace piperoll::auth
