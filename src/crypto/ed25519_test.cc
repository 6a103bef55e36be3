#include "crypto/ed25519.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace piperoll::crypto {
namespace {

std::string from_hex(std::string_view text) {
  return base::hex_decode(text).value();
}

struct Vector {
  std::string_view seed, public_key, message, signature;
};

// RFC 8032 section 7.1, TEST 1 to 3.
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519, GivesTheSignaturesOfRfc8032) {
  for (const Vector& vector : kVectors) {
    const auto key = Ed25519PrivateKey::from_seed(from_hex(vector.seed));
    ASSERT_TRUE(key);
    const std::string message = from_hex(vector.message);

    const Ed25519Signature signature = key->sign(message);

    EXPECT_EQ(base::hex_encode(as_bytes(signature)), vector.signature);
    EXPECT_EQ(from_hex(vector.public_key),
              std::string(key->public_key().begin(), key->public_key().end()));
    EXPECT_EQ(key->seed(), from_hex(vector.seed));
    EXPECT_TRUE(ed25519_verify(from_hex(vector.public_key), message, as_bytes(signature)));
  }
}

TEST(Ed25519, RefusesEverySingleBitChangeOfSignatureKeyAndMessage) {
  const std::string key = from_hex(kVectors[2].public_key);
  const std::string message = from_hex(kVectors[2].message);
  const std::string signature = from_hex(kVectors[2].signature);
  const auto flipped = [](std::string text, std::size_t bit) {
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
    return text;
  };

  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    EXPECT_FALSE(ed25519_verify(key, message, flipped(signature, bit))) << bit;
  }
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
    EXPECT_FALSE(ed25519_verify(flipped(key, bit), message, signature)) << bit;
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    EXPECT_FALSE(ed25519_verify(key, flipped(message, bit), signature)) << bit;
  }
}

TEST(Ed25519, RefusesWrongLengths) {
  const std::string key = from_hex(kVectors[0].public_key);
  const std::string signature = from_hex(kVectors[0].signature);

  EXPECT_FALSE(Ed25519PrivateKey::from_seed(""));
  EXPECT_FALSE(Ed25519PrivateKey::from_seed(std::string(33, 'x')));
  EXPECT_FALSE(ed25519_verify(key.substr(1), "", signature));
  EXPECT_FALSE(ed25519_verify(key, "", signature.substr(1)));
  EXPECT_FALSE(ed25519_verify(key, "", signature + "x"));
  EXPECT_FALSE(ed25519_verify("", "", ""));
}

// RFC 8032 section 5.1.7: S in [0, L); a signature plus the group order would verify otherwise.
TEST(Ed25519, RefusesAScalarBeyondTheGroupOrder) {
  const std::string order =
      from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  std::string signature = from_hex(kVectors[0].signature);
  int carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const int sum = static_cast<unsigned char>(signature[32 + i]) +
                    static_cast<unsigned char>(order[i]) + carry;
    signature[32 + i] = static_cast<char>(sum & 0xff);
    carry = sum >> 8;
  }

  EXPECT_FALSE(ed25519_verify(from_hex(kVectors[0].public_key), "", signature));
}

TEST(Ed25519, AKeyMayBeMoved) {
  auto key = Ed25519PrivateKey::from_seed(from_hex(kVectors[0].seed));
  const Ed25519PrivateKey moved = *std::move(key);
  EXPECT_EQ(base::hex_encode(as_bytes(moved.sign(""))), kVectors[0].signature);
}

}  // namespace
}  // namespace piperoll::crypto
