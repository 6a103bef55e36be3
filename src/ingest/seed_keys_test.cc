#include "ingest/seed_keys.h"

#include <set>

#include <gtest/gtest.h>

namespace piperoll::ingest {
namespace {

event::LogId log_of(std::uint8_t byte) {
  event::LogId log;
  log.org.bytes.fill(byte);
  return log;
}

TEST(SeedKeys, AreSharedByARunOfOneLog) {
  SeedKeys keys;
  std::set<event::RecordSeed> seen;
  for (std::uint64_t seq = 5; seq < 5 + 200 * event::kSeedRunRecords; ++seq) {
    const event::SeedSource source = keys.of(log_of(1), seq);
    EXPECT_TRUE(source.is_key);
    EXPECT_EQ(seen.insert(source.bytes).second, seq == 5 || seq % event::kSeedRunRecords == 0);
  }
  EXPECT_EQ(seen.count(event::RecordSeed{}), 0U);
}

TEST(SeedKeys, AreNotSharedByLogs) {
  SeedKeys keys;
  const event::LogId access{log_of(1).org, event::LogKind::Access};
  const event::SeedSource first = keys.of(log_of(1), 0);

  EXPECT_NE(keys.of(log_of(2), 0), first);
  EXPECT_NE(keys.of(access, 0), first);
  EXPECT_NE(keys.of(log_of(1), 0), first) << "a key that was left does not come back";
}

TEST(SeedKeys, AreNotSharedByGroups) {
  SeedKeys keys;
  const event::SeedSource first = keys.of(log_of(1), 0);
  ASSERT_EQ(keys.of(log_of(1), 1), first);

  keys.begin_group();

  EXPECT_NE(keys.of(log_of(1), 1), first);
}

}  // namespace
}  // namespace piperoll::ingest
