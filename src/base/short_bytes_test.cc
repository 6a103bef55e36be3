#include "base/short_bytes.h"

#include <string>

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {

TEST(ShortBytes, CopyTextsOfEveryLength) {
  for (std::size_t size = 0; size <= 80; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
      text.push_back(static_cast<char>('!' + i));
    }
    std::string room(size + 2, '\0');
    EXPECT_EQ(copy_text(room.data() + 1, text), room.data() + 1 + size);
    EXPECT_EQ(room, std::string(1, '\0') + text + std::string(1, '\0'));
  }
}

TEST(ShortBytes, TellTextsOfEveryLengthApart) {
  for (std::size_t size = 0; size <= 80; ++size) {
    const std::string text(size, 'x');
    EXPECT_TRUE(equal_text(text, std::string(size, 'x')));
    EXPECT_FALSE(equal_text(text, text + "x"));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'y';
      EXPECT_FALSE(equal_text(text, other)) << size << " " << at;
    }
  }
}

}  // namespace
}  // namespace piperoll::base
