#include "store/rocksdb/value_growth.h"

#include <cmath>
#include <functional>
#include <random>
#include <unordered_set>

#include <gtest/gtest.h>

namespace piperoll::store::rocks {
namespace {

// At how many values growth is steady first, from 8,192 on; 0: not below values_max.
std::uint64_t steady_at(const std::function<std::uint64_t()>& draw, std::uint64_t values_max) {
  ValueGrowth growth;
  std::unordered_set<std::uint64_t> values;
  for (std::uint64_t seq = 0; values.size() < values_max && seq < 20 * values_max; ++seq) {
    if (values.insert(draw()).second) {
      growth.saw(values.size(), seq);
      if (values.size() >= 8'192 && growth.is_steady()) {
        return values.size();
      }
    }
  }
  return 0;
}

TEST(ValueGrowth, IsNotKnownBeforeTwoDoublings) {
  ValueGrowth growth;
  growth.saw(8, 10);
  EXPECT_FALSE(growth.is_steady());
  growth.saw(16, 20);
  EXPECT_FALSE(growth.is_steady());
  growth.saw(32, 40);
  EXPECT_TRUE(growth.is_steady());
}

TEST(ValueGrowth, LooksAtPowersOfTwoAlone) {
  ValueGrowth growth;
  for (const std::uint64_t values : {3U, 5U, 6U, 7U, 9U, 12U}) {
    growth.saw(values, values);
  }
  EXPECT_FALSE(growth.is_steady());
}

TEST(ValueGrowth, IsSteadyWithinThreePercent) {
  for (const auto& [records, steady] : {std::pair(412U, true), std::pair(413U, false)}) {
    ValueGrowth growth;
    growth.saw(1'024, 0);
    growth.saw(2'048, 200);
    growth.saw(4'096, 200 + records);
    EXPECT_EQ(growth.is_steady(), steady) << records;
  }
}

TEST(ValueGrowth, OfIdsIsSteadyHoweverManyRecordsShareOne) {
  for (const std::uint64_t records_each : {1U, 2U, 3U}) {
    std::uint64_t record = 0;
    EXPECT_EQ(steady_at([&] { return record++ / records_each; }, 100'000), 8'192U);
  }
  // Some records have none: a value that comes again and again.
  std::mt19937_64 random(1);
  std::uint64_t next = 1;
  const std::uint64_t found = steady_at([&] { return random() % 3 == 0 ? 0 : next++; }, 100'000);
  EXPECT_GE(found, 8'192U);
  EXPECT_LE(found, 32'768U) << "chance may hide it for a doubling or two";
}

TEST(ValueGrowth, OfValuesThatComeBackIsNot) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    // As many things as 60,000, some used far more often than others.
    std::uniform_real_distribution<double> uniform;
    EXPECT_EQ(
        steady_at([&] { return static_cast<std::uint64_t>(60'000 * std::pow(uniform(random), 3)); },
                  50'000),
        0U)
        << seed;
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
