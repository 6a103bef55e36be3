#include "store/rocksdb/recently_used.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace piperoll::store::rocks {
namespace {

struct Thing {
  int key = 0;
  int version = 0;
};
using Things = RecentlyUsed<int, Thing>;

void keep(Things& things, int key, std::size_t bytes, int version = 0) {
  things.keep(key, std::make_shared<const Thing>(Thing{key, version}), bytes,
              [&](const Thing& kept) { return kept.version >= version; });
}

TEST(RecentlyUsed, ForgetsTheOneUsedLeastLatelyFirst) {
  Things things(30);
  keep(things, 1, 10);
  keep(things, 2, 10);
  keep(things, 3, 10);
  EXPECT_NE(things.find(1), nullptr);

  keep(things, 4, 10);

  EXPECT_EQ(things.find(2), nullptr);
  for (const int key : {1, 3, 4}) {
    ASSERT_NE(things.find(key), nullptr) << key;
    EXPECT_EQ(things.find(key)->key, key);
  }
  EXPECT_EQ(things.bytes(), 30U);
}

TEST(RecentlyUsed, ForgetsAsManyAsTheNewOneTakes) {
  Things things(30);
  keep(things, 1, 10);
  keep(things, 2, 10);
  keep(things, 3, 5);

  keep(things, 4, 20);

  EXPECT_EQ(things.find(1), nullptr);
  EXPECT_EQ(things.find(2), nullptr);
  EXPECT_NE(things.find(3), nullptr);
  EXPECT_EQ(things.bytes(), 25U);
}

TEST(RecentlyUsed, KeepsOneThatAloneIsMoreThanFits) {
  Things things(30);
  keep(things, 1, 10);

  keep(things, 2, 100);

  EXPECT_EQ(things.find(1), nullptr);
  EXPECT_NE(things.find(2), nullptr);
  EXPECT_EQ(things.bytes(), 100U);
  keep(things, 3, 10);
  EXPECT_EQ(things.find(2), nullptr);
  EXPECT_EQ(things.bytes(), 10U);
}

TEST(RecentlyUsed, LeavesWhatIsEnough) {
  Things things(30);
  keep(things, 1, 10, 7);

  keep(things, 1, 20, 6);
  keep(things, 1, 20, 7);

  EXPECT_EQ(things.find(1)->version, 7);
  EXPECT_EQ(things.bytes(), 10U);
}

TEST(RecentlyUsed, ReplacesWhatIsNotEnough) {
  Things things(30);
  keep(things, 1, 10, 7);
  keep(things, 2, 10);
  const Things::Pointer held = things.find(1);

  keep(things, 1, 15, 8);

  EXPECT_EQ(things.find(1)->version, 8);
  EXPECT_EQ(held->version, 7) << "whoever holds it has it";
  EXPECT_EQ(things.bytes(), 25U);
}

TEST(RecentlyUsed, CountsReplacingAsUse) {
  Things things(30);
  keep(things, 1, 10, 7);
  keep(things, 2, 10);

  keep(things, 1, 25, 8);

  EXPECT_EQ(things.find(1)->version, 8);
  EXPECT_EQ(things.find(2), nullptr);
  EXPECT_EQ(things.bytes(), 25U);
}

TEST(RecentlyUsed, HasRoomUntilItIsFull) {
  Things things(30);
  EXPECT_TRUE(things.has_room());
  keep(things, 1, 29);
  EXPECT_TRUE(things.has_room());
  keep(things, 2, 1);
  EXPECT_FALSE(things.has_room());
}

// More keys than fit, so that they are found, replaced and forgotten all the time.
TEST(RecentlyUsed, MayBeUsedByManyThreads) {
  constexpr int kKeys = 13;
  Things things(80);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&things, t] {
      for (int i = 0; i < 5000; ++i) {
        const int key = (i * 7 + t) % kKeys;
        const Things::Pointer known = things.find(key);
        if (known == nullptr || known->version < i / 100) {
          keep(things, key, 10, i / 100);
        } else {
          EXPECT_EQ(known->key, key);
        }
        EXPECT_LE(things.bytes(), 80U);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }

  std::size_t kept = 0;
  for (int key = 0; key < kKeys; ++key) {
    kept += things.find(key) != nullptr ? 1U : 0U;
  }
  EXPECT_EQ(kept, 8U);
  EXPECT_EQ(things.bytes(), 10 * kept);
}

}  // namespace
}  // namespace piperoll::store::rocks
