#include "ingest/recent_ids.h"

#include <gtest/gtest.h>

namespace piperoll::ingest {
namespace {

const event::LogId kLog{};

TEST(RecentIds, FindsByLogAndId) {
  RecentIds ids(10, 0);
  ids.insert(kLog, "a", {.seq = 3, .lsn = 1});

  ASSERT_NE(ids.find(kLog, "a"), nullptr);
  EXPECT_EQ(ids.find(kLog, "a")->seq, 3U);
  EXPECT_EQ(ids.find({kLog.org, event::LogKind::Access}, "a"), nullptr);
  EXPECT_EQ(ids.find(kLog, "b"), nullptr);
}

TEST(RecentIds, TakesBackTheNewest) {
  RecentIds ids(10, 0);
  ids.insert(kLog, "a", {.lsn = 1});
  ids.insert(kLog, "b", {.lsn = 2});
  ids.insert(kLog, "c", {.lsn = 2});

  ids.undo(2);

  EXPECT_NE(ids.find(kLog, "a"), nullptr);
  EXPECT_EQ(ids.find(kLog, "b"), nullptr);
  EXPECT_EQ(ids.size(), 1U);
}

TEST(RecentIds, DropsTheOldestButNothingThatIsNotApplied) {
  RecentIds ids(1, 0);
  for (store::Lsn lsn = 1; lsn <= 4; ++lsn) {
    ids.insert(kLog, std::to_string(lsn), {.lsn = lsn});
  }

  ids.trim(2);

  EXPECT_EQ(ids.size(), 2U);
  EXPECT_EQ(ids.floor(), 2U);
  EXPECT_NE(ids.find(kLog, "3"), nullptr);
  ids.trim(9);
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(ids.floor(), 3U);
}

}  // namespace
}  // namespace piperoll::ingest
