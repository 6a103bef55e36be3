#include "crypto/random.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace piperoll::crypto {
namespace {

TEST(RandomBytes, FillsExactlyTheRoomItIsGiven) {
  std::string room(64, 'x');
  random_bytes(room.data() + 8, 48);
  EXPECT_EQ(room.substr(0, 8), std::string(8, 'x'));
  EXPECT_EQ(room.substr(56), std::string(8, 'x'));
  EXPECT_NE(room.substr(8, 48), std::string(48, 'x'));
}

TEST(RandomBytes, DoesNotRepeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(seen.insert(random_bytes(16)).second);
  }
}

TEST(RandomBytes, GivesAnyCount) {
  EXPECT_TRUE(random_bytes(0).empty());
  const std::string many = random_bytes((std::size_t{1} << 20) + 5);
  EXPECT_NE(many.substr(many.size() - 5), std::string(5, '\0'));
}

}  // namespace
}  // namespace piperoll::crypto
