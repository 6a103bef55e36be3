#include "auth/token_buckets.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::auth {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr Rate kFiveInTen{.quota = 5, .window_micros = 10 * kSecond};

TEST(TokenBuckets, AllowTheQuotaAtOnceAndThenItsPace) {
  TokenBuckets buckets(kFiveInTen);
  for (std::uint64_t left = 5; left-- > 0;) {
    const auto verdict = buckets.take("a", 0);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
  }

  const auto refused = buckets.take("a", 0);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0U);
  EXPECT_EQ(refused.retry_after_micros, 2 * kSecond);
  EXPECT_EQ(refused.full_after_micros, 10 * kSecond);
  EXPECT_FALSE(buckets.take("a", 2 * kSecond - 1).allowed);
  EXPECT_TRUE(buckets.take("a", 2 * kSecond).allowed);
  EXPECT_FALSE(buckets.take("a", 2 * kSecond).allowed) << "a refusal costs nothing, a pass does";
  EXPECT_TRUE(buckets.take("b", 0).allowed) << "each key has a bucket of its own";
}

TEST(TokenBuckets, WithoutARateAllowEverything) {
  TokenBuckets buckets({});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(buckets.take("a", 0).allowed);
  }
  EXPECT_EQ(buckets.size(), 0U);
}

TEST(TokenBuckets, RememberABoundedNumberOfKeys) {
  TokenBuckets buckets(kFiveInTen, 3200);
  for (int i = 0; i < 100'000; ++i) {
    buckets.take("key " + std::to_string(i), i);
  }
  EXPECT_LE(buckets.size(), 3200U);
  EXPECT_GE(buckets.size(), 1000U);
}

RC_GTEST_PROP(TokenBuckets, NeverPassMoreThanAQuotaAndItsRefillInAnyTime,
              (std::vector<std::uint16_t> pauses)) {
  TokenBuckets buckets(kFiveInTen);
  std::vector<std::int64_t> passed;
  std::int64_t now = 0;
  for (std::uint16_t pause : pauses) {
    now += std::int64_t{pause} * 100;
    if (buckets.take("a", now).allowed) {
      passed.push_back(now);
    }
  }
  for (std::size_t i = 0; i < passed.size(); ++i) {
    for (std::size_t j = i; j < passed.size(); ++j) {
      RC_ASSERT(static_cast<std::int64_t>(j - i + 1) <=
                5 + (passed[j] - passed[i]) / (2 * kSecond) + 1);
    }
  }
}

}  // namespace
}  // namespace piperoll::auth
