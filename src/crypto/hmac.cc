#include "crypto/hmac.h"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>

#include "base/check.h"

namespace piperoll::crypto {

namespace {

constexpr std::size_t kBlockBytes = 64;  // of SHA-256
constexpr char kInnerPad = 0x36;
constexpr char kOuterPad = 0x5c;

}  // namespace

HmacKey::HmacKey(base::ByteView key) {
  std::array<char, kBlockBytes> block{};
  if (key.size() > kBlockBytes) {
    const Sha256Digest digest = sha256(key);
    std::copy(digest.begin(), digest.end(), block.begin());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  for (char& byte : block) {
    byte = static_cast<char>(byte ^ kInnerPad);
  }
  inner_.update({block.data(), block.size()});
  for (char& byte : block) {
    byte = static_cast<char>(byte ^ kInnerPad ^ kOuterPad);
  }
  outer_.update({block.data(), block.size()});
  OPENSSL_cleanse(block.data(), block.size());
}

Sha256Digest HmacKey::mac(base::ByteView message) const {
  Sha256 inner = inner_;
  const Sha256Digest digest = inner.update(message).finish();
  Sha256 outer = outer_;
  return outer.update(as_bytes(digest)).finish();
}

base::Bytes HmacKey::state() const {
  return inner_.block_state() + outer_.block_state();
}

HmacKey HmacKey::from_state(base::ByteView state) {
  CHECK(state.size() == 2 * kSha256Bytes);
  return {Sha256::from_block_state(state.substr(0, kSha256Bytes), 1),
          Sha256::from_block_state(state.substr(kSha256Bytes), 1)};
}

base::Bytes hmac_sha256(base::ByteView key, base::ByteView message) {
  const Sha256Digest tag = HmacKey(key).mac(message);
  return base::Bytes(as_bytes(tag));
}

}  // namespace piperoll::crypto
