#include "crypto/constant_time.h"

#include <string>

#include <gtest/gtest.h>

namespace piperoll::crypto {
namespace {

TEST(EqualConstantTime, IsTrueForEqualBytesOnly) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secre"));
  EXPECT_FALSE(equal_constant_time("secret", ""));
  const std::string whole(33, 'x');
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string other = whole;
    other[i] = 'y';
    EXPECT_FALSE(equal_constant_time(whole, other)) << i;
  }
}

TEST(EqualConstantTime, LooksBehindNulCharacters) {
  EXPECT_FALSE(equal_constant_time(std::string("a\0b", 3), std::string("a\0c", 3)));
}

}  // namespace
}  // namespace piperoll::crypto
