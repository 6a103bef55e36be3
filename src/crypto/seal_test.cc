#include "crypto/seal.h"

#include <gtest/gtest.h>

namespace piperoll::crypto {
namespace {

const std::string kKey(32, 'k');

TEST(Seal, OpensWithItsKeyAndContextAlone) {
  for (const base::Bytes& secret : {base::Bytes(), base::Bytes("x"), base::Bytes(1000, '\0')}) {
    const base::Bytes sealed = seal(kKey, "key-1", secret);

    EXPECT_EQ(sealed.size(), secret.size() + kSealOverhead);
    EXPECT_EQ(open_sealed(kKey, "key-1", sealed), secret);
    EXPECT_EQ(open_sealed(kKey, "key-2", sealed), std::nullopt);
    EXPECT_EQ(open_sealed(std::string(32, 'K'), "key-1", sealed), std::nullopt);
  }
}

TEST(Seal, OpensNothingThatWasChanged) {
  const base::Bytes sealed = seal(kKey, "c", "secret");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    base::Bytes changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(open_sealed(kKey, "c", changed), std::nullopt) << i;
    EXPECT_EQ(open_sealed(kKey, "c", sealed.substr(0, i)), std::nullopt) << i;
  }
}

TEST(Seal, NeverLooksTheSame) {
  EXPECT_NE(seal(kKey, "c", "secret"), seal(kKey, "c", "secret"));
}

}  // namespace
}  // namespace piperoll::crypto
