#include "auth/password.h"

#include <gtest/gtest.h>

namespace piperoll::auth {
namespace {

constexpr crypto::Argon2Cost kCheap{.memory_kib = 64, .passes = 1, .lanes = 1};

TEST(Password, MatchesItsOwnHashAndNoOther) {
  const std::string hash = *hash_password("correct horse battery", kCheap);

  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << hash;
  EXPECT_TRUE(password_matches("correct horse battery", hash));
  EXPECT_FALSE(password_matches("correct horse batterz", hash));
  EXPECT_FALSE(password_matches("", hash));
  EXPECT_NE(hash, *hash_password("correct horse battery", kCheap)) << "each has a salt of its own";
}

TEST(Password, IsReadFromWhatTheReferenceWrites) {
  // printf password | argon2 somesalt -id -t 2 -k 256 -p 1 -e
  EXPECT_TRUE(password_matches(
      "password",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"));
}

TEST(Password, DamagedHashesMatchNothing) {
  const std::string hash = *hash_password("correct horse battery", kCheap);
  for (std::size_t length = 0; length < hash.size(); ++length) {
    EXPECT_FALSE(password_matches("correct horse battery", hash.substr(0, length)));
  }
  for (const char* hungry :
       {"$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/"
        "4",
        "$argon2id$v=19$m=256,t=4000000,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/"
        "4",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"}) {
    EXPECT_FALSE(password_matches("password", hungry));
  }
}

TEST(Password, ADecoyCostsWhatARealOneCosts) {
  EXPECT_TRUE(decoy_hash().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_FALSE(password_matches("anything at all", decoy_hash()));
}

TEST(Password, NewOnesMustBeLongAndMixed) {
  EXPECT_TRUE(check_new_password("twelve chars").has_value());
  EXPECT_TRUE(check_new_password("pässwörter äöü").has_value());
  for (const std::string& bad :
       {std::string("eleven char"), std::string(257, 'x'), std::string("aaaaaaaaaaaaaaaa"),
        std::string("\xff\xfe twelve chars"), std::string()}) {
    EXPECT_EQ(check_new_password(bad).error().code, "bad_password") << bad;
  }
}

}  // namespace
}  // namespace piperoll::auth
