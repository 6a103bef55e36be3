#include "crypto/public_key.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "crypto/testing/signing_key.h"

namespace piperoll::crypto {
namespace {

using testing::SigningKey;

constexpr SignatureScheme kSchemes[] = {SignatureScheme::Rs256, SignatureScheme::Ps256,
                                        SignatureScheme::Es256, SignatureScheme::Ed25519};

base::Bytes unhex(std::string_view text) {
  return *base::hex_decode(text);
}

struct Pair {
  SigningKey secret;
  PublicKey open;
};

std::vector<Pair> pairs() {
  SigningKey rsa = SigningKey::rsa(), p256 = SigningKey::p256(), ed = SigningKey::ed25519();
  return {{rsa, *PublicKey::from_rsa(rsa.modulus(), rsa.exponent())},
          {p256, *PublicKey::from_p256(p256.x(), p256.y())},
          {ed, *PublicKey::from_ed25519(ed.point())}};
}

bool fits(PublicKeyKind kind, SignatureScheme scheme) {
  switch (kind) {
    case PublicKeyKind::Rsa:
      return scheme == SignatureScheme::Rs256 || scheme == SignatureScheme::Ps256;
    case PublicKeyKind::P256:
      return scheme == SignatureScheme::Es256;
    case PublicKeyKind::Ed25519:
      return scheme == SignatureScheme::Ed25519;
  }
  return false;
}

TEST(PublicKey, VerifiesWhatItsOtherHalfSignedAndNothingElse) {
  for (const Pair& pair : pairs()) {
    for (SignatureScheme scheme : kSchemes) {
      if (!fits(pair.open.kind(), scheme)) {
        EXPECT_FALSE(pair.open.verifies(scheme, "message", std::string(64, '\x01')));
        continue;
      }
      const base::Bytes signature = pair.secret.sign(scheme, "message");
      EXPECT_TRUE(pair.open.verifies(scheme, "message", signature));
      EXPECT_FALSE(pair.open.verifies(scheme, "Message", signature));
      EXPECT_FALSE(pair.open.verifies(scheme, "", signature));
      EXPECT_FALSE(pair.open.verifies(scheme, "message", ""));
      EXPECT_FALSE(pair.open.verifies(scheme, "message", signature.substr(1)));
      EXPECT_FALSE(pair.open.verifies(scheme, "message", signature + '\0'));
      EXPECT_FALSE(pair.open.verifies(scheme, "message", std::string(signature.size(), '\0')));
      for (std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
        base::Bytes flipped = signature;
        flipped[at] = static_cast<char>(flipped[at] ^ 1);
        EXPECT_FALSE(pair.open.verifies(scheme, "message", flipped)) << at;
      }
    }
  }
}

TEST(PublicKey, TakesNoRsaSignatureWithoutItsLeadingZero) {
  SigningKey rsa = SigningKey::rsa();
  PublicKey key = *PublicKey::from_rsa(rsa.modulus(), rsa.exponent());
  for (SignatureScheme scheme : {SignatureScheme::Rs256, SignatureScheme::Ps256}) {
    std::string message;
    base::Bytes signature;
    do {  // one in 256 begins so
      message += 'm';
      signature = rsa.sign(scheme, message);
    } while (signature.front() != '\0');

    EXPECT_TRUE(key.verifies(scheme, message, signature));
    EXPECT_FALSE(key.verifies(scheme, message, signature.substr(1)));
  }
}

TEST(PublicKey, TakesNoSchemeOfTheSameKindForAnother) {
  SigningKey rsa = SigningKey::rsa();
  PublicKey key = *PublicKey::from_rsa(rsa.modulus(), rsa.exponent());

  EXPECT_FALSE(key.verifies(SignatureScheme::Rs256, "m", rsa.sign(SignatureScheme::Ps256, "m")));
  EXPECT_FALSE(key.verifies(SignatureScheme::Ps256, "m", rsa.sign(SignatureScheme::Rs256, "m")));
}

TEST(PublicKey, TakesNoDerForEs256) {
  SigningKey p256 = SigningKey::p256();
  PublicKey key = *PublicKey::from_p256(p256.x(), p256.y());

  EXPECT_FALSE(key.verifies(SignatureScheme::Es256, "m", p256.sign_es256_der("m")));
}

// RFC 8032 section 7.1, tests 1 and 3.
TEST(PublicKey, AgreesWithRfc8032) {
  PublicKey first = *PublicKey::from_ed25519(
      unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  PublicKey third = *PublicKey::from_ed25519(
      unhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));

  EXPECT_TRUE(first.verifies(
      SignatureScheme::Ed25519, "",
      unhex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
            "701cf9b46bd25bf5f0595bbe24655141438e7a100b")));
  EXPECT_TRUE(third.verifies(
      SignatureScheme::Ed25519, unhex("af82"),
      unhex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7"
            "60984dc6594a7c15e9716ed28dc027beceea1ec40a")));
}

TEST(PublicKey, RefusesKeysThatAreTooWeakTooLongOrNone) {
  SigningKey weak = SigningKey::rsa(1024);
  SigningKey good = SigningKey::rsa();
  const base::Bytes thirty_two(32, '\x05');

  EXPECT_FALSE(PublicKey::from_rsa(weak.modulus(), weak.exponent()).has_value());
  EXPECT_FALSE(PublicKey::from_rsa(std::string(2000, '\xff'), good.exponent()).has_value());
  EXPECT_FALSE(PublicKey::from_rsa("", "").has_value());
  EXPECT_FALSE(PublicKey::from_rsa(good.modulus(), "").has_value());
  EXPECT_FALSE(PublicKey::from_rsa(good.modulus(), "\x01").has_value());
  EXPECT_FALSE(PublicKey::from_rsa(good.modulus(), "\x04").has_value());
  EXPECT_FALSE(PublicKey::from_rsa(good.modulus(), std::string(9, '\xff')).has_value());
  EXPECT_FALSE(PublicKey::from_p256(thirty_two, thirty_two).has_value());
  EXPECT_FALSE(PublicKey::from_p256("", "").has_value());
  EXPECT_FALSE(PublicKey::from_p256(std::string(32, '\0'), std::string(32, '\0')).has_value());
  EXPECT_FALSE(PublicKey::from_ed25519(std::string(31, 'x')).has_value());
}

TEST(PemKeys, AreReadInTheirOrder) {
  std::string pem = "a comment\n";
  for (const Pair& pair : pairs()) {
    pem += pair.secret.public_pem() + "\n";
  }

  auto keys = read_pem_keys(pem);

  ASSERT_TRUE(keys.has_value()) << keys.error().message;
  ASSERT_EQ(keys->size(), 3U);
  EXPECT_EQ((*keys)[0].kind(), PublicKeyKind::Rsa);
  EXPECT_EQ((*keys)[1].kind(), PublicKeyKind::P256);
  EXPECT_EQ((*keys)[2].kind(), PublicKeyKind::Ed25519);
}

TEST(PemKeys, AreNotPrivateWeakOfAnotherCurveOrBroken) {
  const std::string good = SigningKey::ed25519().public_pem();

  EXPECT_FALSE(read_pem_keys("").has_value());
  EXPECT_FALSE(read_pem_keys("no key here").has_value());
  EXPECT_FALSE(read_pem_keys(SigningKey::ed25519().private_pem()).has_value());
  EXPECT_FALSE(read_pem_keys(SigningKey::p384().public_pem()).has_value());
  EXPECT_FALSE(read_pem_keys(SigningKey::rsa(1024).public_pem()).has_value());
  EXPECT_FALSE(read_pem_keys(good + good.substr(0, good.size() / 2)).has_value());
  std::string many;
  for (int i = 0; i < 17; ++i) {
    many += good;
  }
  EXPECT_FALSE(read_pem_keys(many).has_value());
}

}  // namespace
}  // namespace piperoll::crypto
