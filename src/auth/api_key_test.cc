#include "auth/api_key.h"

#include <set>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace piperoll::auth {
namespace {

TEST(ApiKey, ChecksumIsCrc32InBase62PaddedToSix) {
  EXPECT_EQ(key_checksum("0123456789ABCDEFGHIJKLMNOPQRST"), "4PMbyp");
  EXPECT_EQ(key_checksum(""), "000000");
}

TEST(ApiKey, GeneratedOnesAreWellFormedAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    std::string key = generate_api_key();
    EXPECT_EQ(key.size(), kApiKeyLength);
    EXPECT_TRUE(is_well_formed_api_key(key)) << key;
    EXPECT_TRUE(seen.insert(key).second);
  }
}

TEST(ApiKey, AnyChangedCharacterIsNoticed) {
  const std::string key = generate_api_key();
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string changed = key;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(is_well_formed_api_key(changed)) << i;
  }
}

TEST(ApiKey, WrongLengthAlphabetAndPrefixAreNotWellFormed) {
  const std::string key = generate_api_key();
  EXPECT_FALSE(is_well_formed_api_key(""));
  EXPECT_FALSE(is_well_formed_api_key(key + "0"));
  EXPECT_FALSE(is_well_formed_api_key(key.substr(1)));
  std::string dash = key;
  dash[10] = '-';
  EXPECT_FALSE(is_well_formed_api_key(dash));
}

TEST(ApiKey, DigestIsSha256OfTheWholeText) {
  KeyDigest digest = digest_of("abc");
  EXPECT_EQ(base::hex_encode({reinterpret_cast<const char*>(digest.data()), digest.size()}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ApiKey, PrefixShowsFourCharactersOfTheSecret) {
  EXPECT_EQ(display_prefix("prl_abcdefgh"), "prl_abcd");
}

}  // namespace
}  // namespace piperoll::auth
