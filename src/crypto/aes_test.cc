#include "crypto/aes.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"

namespace piperoll::crypto {
namespace {

std::string from_hex(const char* text) {
  return base::hex_decode(text).value();
}

class Aes256Engines : public testing::TestWithParam<AesEngine> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) {
      GTEST_SKIP() << "not of this processor";
    }
  }
  Aes256 aes_of(const std::string& key) { return Aes256(key, GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Each, Aes256Engines,
                         testing::Values(AesEngine::Library, AesEngine::Processor),
                         [](const auto& engine) {
                           return engine.param == AesEngine::Library ? "Library" : "Processor";
                         });

// FIPS 197 appendix C.3.
TEST_P(Aes256Engines, GivesTheExampleOfFips197) {
  Aes256 aes = aes_of(from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
  std::string block = from_hex("00112233445566778899aabbccddeeff");

  aes.encrypt_block(block.data(), block.data());

  EXPECT_EQ(base::hex_encode(block), "8ea2b7ca516745bfeafc49904b496089");
}

// NIST SP 800-38A section F.1.5, ECB-AES256.Encrypt.
TEST_P(Aes256Engines, EnciphersSeveralBlocksEachForItself) {
  Aes256 aes = aes_of(from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"));
  const std::string plain = from_hex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  const char* expected =
      "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
      "b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7";
  std::string cipher(plain.size(), '\0');

  aes.encrypt_blocks(plain.data(), cipher.data(), 4);

  EXPECT_EQ(base::hex_encode(cipher), expected);
}

TEST_P(Aes256Engines, KeepsNoStateBetweenBlocks) {
  Aes256 aes = aes_of(std::string(32, 'k'));
  const std::string plain(16, 'p');
  std::string first(16, '\0');
  std::string second(16, '\0');
  aes.encrypt_block(plain.data(), first.data());
  Aes256 moved = std::move(aes);
  moved.encrypt_block(plain.data(), second.data());
  EXPECT_EQ(first, second);
}

TEST_P(Aes256Engines, TakesAnotherKey) {
  Aes256 changed = aes_of(std::string(32, 'k'));
  Aes256 fresh = aes_of(std::string(32, 'o'));
  const std::string plain(16, 'p');
  std::string with_changed(16, '\0');
  std::string with_fresh(16, '\0');
  changed.encrypt_block(plain.data(), with_changed.data());

  changed.set_key(std::string(32, 'o'));

  changed.encrypt_block(plain.data(), with_changed.data());
  fresh.encrypt_block(plain.data(), with_fresh.data());
  EXPECT_EQ(with_changed, with_fresh);
}

RC_GTEST_PROP(Aes256, IsTheSameByTheLibraryAndByTheProcessor, ()) {
  RC_PRE(is_supported(AesEngine::Processor));
  const auto bytes = [](std::size_t count) {
    return *rc::gen::container<std::string>(count, rc::gen::arbitrary<char>());
  };
  const std::string key = bytes(Aes256::kKeyBytes);
  const std::size_t blocks = *rc::gen::inRange<std::size_t>(0, 30);
  const std::string plain = bytes(blocks * Aes256::kBlockBytes);
  std::string by_library(plain.size(), '\0'), by_processor = plain;

  Aes256(key, AesEngine::Library).encrypt_blocks(plain.data(), by_library.data(), blocks);
  Aes256(key, AesEngine::Processor)
      .encrypt_blocks(by_processor.data(), by_processor.data(), blocks);

  RC_ASSERT(by_processor == by_library);
}

}  // namespace
}  // namespace piperoll::crypto
