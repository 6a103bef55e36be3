#include "auth/session_store.h"

#include <set>

#include <gtest/gtest.h>

namespace piperoll::auth {
namespace {

constexpr std::int64_t kSecond = base::kMicrosPerSecond;

base::Timestamp at(std::int64_t seconds) {
  return {seconds * kSecond};
}

SessionLimits limits() {
  return {.idle_micros = 60 * kSecond, .absolute_micros = 300 * kSecond, .count_max = 3};
}

TEST(SessionStore, KnowsTheSessionsItOpenedAndNoOthers) {
  SessionStore store(limits());
  auto opened = store.open(KeySubject{}, at(0));

  EXPECT_EQ(opened.id.size(), 43U);
  EXPECT_TRUE(store.use(opened.id, at(1)));
  EXPECT_FALSE(store.use(opened.id + "x", at(1)));
  EXPECT_FALSE(store.use("", at(1)));
  EXPECT_NE(opened.id, store.open(KeySubject{}, at(0)).id);
}

TEST(SessionStore, EndsThoseThatAreNotUsed) {
  SessionStore store(limits());
  auto opened = store.open(KeySubject{}, at(0));

  EXPECT_TRUE(store.use(opened.id, at(59)));
  EXPECT_TRUE(store.use(opened.id, at(118)));
  EXPECT_FALSE(store.use(opened.id, at(178)));
  EXPECT_FALSE(store.use(opened.id, at(119))) << "what has ended stays ended";
}

TEST(SessionStore, EndsThoseThatAreOldHoweverMuchTheyAreUsed) {
  SessionStore store(limits());
  auto opened = store.open(KeySubject{}, at(0));
  auto bounded = store.open(KeySubject{}, at(0), at(50));

  for (std::int64_t now = 30; now < 300; now += 30) {
    EXPECT_TRUE(store.use(opened.id, at(now)));
  }
  EXPECT_FALSE(store.use(opened.id, at(300)));
  EXPECT_TRUE(store.use(bounded.id, at(49)));
  EXPECT_FALSE(store.use(bounded.id, at(50)));
}

TEST(SessionStore, HoldsABoundedNumberAndLetsTheIdlestGo) {
  SessionStore store(limits());
  auto first = store.open(KeySubject{}, at(0));
  auto second = store.open(KeySubject{}, at(1));
  auto third = store.open(KeySubject{}, at(2));
  ASSERT_TRUE(store.use(first.id, at(3)));

  auto fourth = store.open(KeySubject{}, at(4));

  EXPECT_EQ(store.count(), 3U);
  EXPECT_FALSE(store.use(second.id, at(4)));
  EXPECT_TRUE(store.use(first.id, at(4)) && store.use(third.id, at(4)) &&
              store.use(fourth.id, at(4)));
}

TEST(SessionStore, ClosedIsClosed) {
  SessionStore store(limits());
  auto opened = store.open(KeySubject{}, at(0));

  store.close(opened.id);
  store.close("nothing");

  EXPECT_FALSE(store.use(opened.id, at(0)));
  EXPECT_EQ(store.count(), 0U);
}

TEST(SessionStore, CountsWhatIsOpenAndWhatWasOpened) {
  SessionStore store(limits());
  auto opened = store.open(KeySubject{}, at(0));
  store.open(KeySubject{}, at(0));
  store.close(opened.id);
  EXPECT_EQ(store.stats(at(1)).open, 1U);
  EXPECT_EQ(store.stats(at(1)).opened, 2U);
  EXPECT_EQ(store.stats(at(1'000)).open, 0U) << "nobody has asked for it since it ended";
}

TEST(SessionStore, ATokenAgainstForgedRequestsIsOfOneSession) {
  SessionStore store(limits());
  auto mine = store.open(KeySubject{}, at(0));
  auto other = store.open(KeySubject{}, at(0));

  EXPECT_TRUE(store.csrf_matches(mine.id, mine.csrf_token));
  EXPECT_FALSE(store.csrf_matches(mine.id, other.csrf_token));
  EXPECT_FALSE(SessionStore(limits()).csrf_matches(mine.id, mine.csrf_token));
  for (std::size_t i = 0; i < mine.csrf_token.size(); ++i) {
    std::string changed = mine.csrf_token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(store.csrf_matches(mine.id, changed)) << i;
  }
  EXPECT_FALSE(store.csrf_matches(mine.id, ""));
}

}  // namespace
}  // namespace piperoll::auth
