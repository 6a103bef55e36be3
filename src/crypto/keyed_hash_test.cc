#include "crypto/keyed_hash.h"

#include <thread>

#include <gtest/gtest.h>

namespace piperoll::crypto {
namespace {

std::string hex_of(const KeyedHash& hash) {
  return base::hex_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::string counting(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text.push_back(static_cast<char>(i));
  }
  return text;
}

// vectors_sip128 of the authors' reference implementation: the key 00 to 0f, messages 00 01 02 ...
TEST(KeyedHash, MatchesTheVectorsOfTheReference) {
  const std::string key = counting(kKeyedHashKeyBytes);
  EXPECT_EQ(hex_of(keyed_hash(key, counting(0))), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(hex_of(keyed_hash(key, counting(1))), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(hex_of(keyed_hash(key, counting(15))), "5493e99933b0a8117e08ec0f97cfc3d9");
  EXPECT_EQ(hex_of(keyed_hash(key, counting(63))), "5150d1772f50834a503e069a973fbd7c");
}

TEST(KeyedHash, IsAnotherUnderAnotherKey) {
  const std::string text = "text";
  EXPECT_NE(keyed_hash(std::string(16, 'a'), text), keyed_hash(std::string(16, 'b'), text));
}

TEST(KeyedHash, IsTheSameOnEveryThread) {
  const std::string key(16, 'k'), text(1'000, 't');
  const KeyedHash here = keyed_hash(key, text);
  KeyedHash there{};
  std::thread([&] { there = keyed_hash(key, text); }).join();
  EXPECT_EQ(here, there);
}

}  // namespace
}  // namespace piperoll::crypto
