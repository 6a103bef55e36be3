#include "crypto/hmac.h"

#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace piperoll::crypto {
namespace {

struct Vector {
  const char* name;
  std::string key;
  std::string message;
  const char* tag;  // hex; RFC 4231 section 4.6 shows only the first 128 bits
};

std::string counting(int from, int to) {
  std::string bytes;
  for (int i = from; i <= to; ++i) {
    bytes.push_back(static_cast<char>(i));
  }
  return bytes;
}

// RFC 4231 section 4, test cases 1 to 7.
const Vector kVectors[] = {
    {"1", std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"2", "Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"3", std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"4", counting(1, 25), std::string(50, '\xcd'),
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {"5", std::string(20, '\x0c'), "Test With Truncation", "a3b6167473100ee06e0c796c2955552b"},
    {"6", std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"7", std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(Hmac, GivesTheTagsOfRfc4231) {
  for (const Vector& vector : kVectors) {
    const std::string expected = vector.tag;
    const std::string tag = base::hex_encode(hmac_sha256(vector.key, vector.message));
    EXPECT_EQ(tag.substr(0, expected.size()), expected) << vector.name;
    EXPECT_EQ(tag.size(), 64U);
  }
}

TEST(Hmac, AKeyMayBeUsedManyTimes) {
  const HmacKey key("Jefe");
  const HmacKey copy = key;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(base::hex_encode(as_bytes(copy.mac(kVectors[1].message))), kVectors[1].tag);
  }
}

TEST(Hmac, AKeyOfOneBlockIsNotHashed) {
  const std::string key(64, 'k');
  EXPECT_EQ(hmac_sha256(key, "m"), hmac_sha256(std::string(64, 'k'), "m"));
  EXPECT_NE(hmac_sha256(key, "m"), hmac_sha256(key + "k", "m"));
  EXPECT_EQ(hmac_sha256(key + "k", "m"), hmac_sha256(as_bytes(sha256(key + "k")), "m"));
}

TEST(HmacKey, GoesOnFromItsState) {
  for (const Vector& vector : kVectors) {
    const base::Bytes state = HmacKey(vector.key).state();
    ASSERT_EQ(state.size(), 64U);

    const Sha256Digest tag = HmacKey::from_state(state).mac(vector.message);

    EXPECT_EQ(tag, HmacKey(vector.key).mac(vector.message)) << vector.name;
    EXPECT_EQ(state.find(vector.key), std::string::npos);
  }
}

}  // namespace
}  // namespace piperoll::crypto
