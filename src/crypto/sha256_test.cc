#include "crypto/sha256.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace piperoll::crypto {
namespace {

std::string hex(const Sha256Digest& digest) {
  return base::hex_encode(as_bytes(digest));
}

// FIPS 180-4 examples, as published by NIST.
TEST(Sha256, GivesTheDigestsOfNist) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, GivesTheSameDigestHoweverTheMessageIsCut) {
  std::string message;
  for (int i = 0; i < 200; ++i) {
    message.push_back(static_cast<char>(i * 7));
  }
  const Sha256Digest whole = sha256(message);

  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    Sha256 hash;
    hash.update(message.substr(0, cut)).update(message.substr(cut));
    EXPECT_EQ(hash.finish(), whole) << cut;
  }
}

TEST(Sha256, ACopyGoesOnByItself) {
  Sha256 first;
  first.update("ab");
  Sha256 second = first;
  first.update("c");
  second.update("d");

  EXPECT_EQ(first.finish(), sha256("abc"));
  EXPECT_EQ(second.finish(), sha256("abd"));
}

TEST(Sha256, StartsAnewAfterReset) {
  Sha256 hash;
  hash.update("something");
  hash.finish();
  hash.reset();
  EXPECT_EQ(hash.update("abc").finish(), sha256("abc"));
}

}  // namespace
}  // namespace piperoll::crypto
