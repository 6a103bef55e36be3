#include "evidence/record_seeds.h"

#include <numeric>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace piperoll::evidence {
namespace {

event::RecordHead head_of(std::uint64_t seq, std::uint8_t first_byte, bool is_key) {
  event::RecordHead head{.seq = seq};
  std::iota(head.seed.bytes.begin(), head.seed.bytes.end(), first_byte);
  head.seed.is_key = is_key;
  return head;
}

std::string hex(const event::RecordSeed& seed) {
  return base::hex_encode({reinterpret_cast<const char*>(seed.data()), seed.size()});
}

TEST(RecordSeeds, AreWhatIsKeptWhereThatIsASeed) {
  const event::RecordHead head = head_of(7, 0, false);

  EXPECT_EQ(RecordSeeds().of(head), head.seed.bytes);
}

// By `openssl enc -aes-256-ecb -nopad -K 000102..1f` of the two blocks. The leaves of records
// follow from these bytes: they are permanent.
TEST(RecordSeeds, FollowFromAKeyAsTheTableSays) {
  RecordSeeds seeds;

  EXPECT_EQ(hex(seeds.of(head_of(0x0001020304050607, 0, true))),
            "402db48596363e6454b75e43fdde099cfd180f84cfc5ba6904c18e7e66a53317");
  EXPECT_EQ(hex(seeds.of(head_of(0, 0, true))),
            "80c3017e8f89ab315ede32b11e48ab50d5786900334bbaad31a868ca3c29221b");
}

TEST(RecordSeeds, AreOthersForEverySeqAndKey) {
  RecordSeeds seeds;
  std::set<event::RecordSeed> seen;
  for (std::uint64_t seq = 0; seq < 100; ++seq) {
    for (const std::uint8_t key : {std::uint8_t{1}, std::uint8_t{2}}) {
      const event::RecordHead head = head_of(seq, key, true);
      EXPECT_TRUE(seen.insert(seeds.of(head)).second);
      EXPECT_NE(seeds.of(head), head.seed.bytes);
    }
  }
}

TEST(RecordSeeds, AreTheSameInAnyOrderAndAfterAMove) {
  const event::RecordHead first = head_of(1, 0, true), second = head_of(1, 9, true);
  RecordSeeds seeds;
  const event::RecordSeed expected = seeds.of(first);

  EXPECT_NE(seeds.of(second), expected);
  EXPECT_EQ(seeds.of(head_of(1, 0, false)), first.seed.bytes);
  EXPECT_EQ(seeds.of(first), expected);
  RecordSeeds moved = std::move(seeds);
  EXPECT_EQ(moved.of(first), expected);
  EXPECT_EQ(RecordSeeds().of(head_of(1, 0, true)), expected);
}

}  // namespace
}  // namespace piperoll::evidence
