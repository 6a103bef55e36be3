// OpenSSL 3 marks the low-level calls as deprecated in favour of EVP. For the short inputs of hash
// trees EVP costs 377 ns where these cost 105 (a fetch and an allocation for each message), and
// they are not going away within OpenSSL 3, which is what Debian 12 has.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/sha256.h"

#include <cstring>
#include <new>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/check.h"
#include "base/coding.h"

namespace piperoll::crypto {

namespace {

SHA256_CTX* context_of(unsigned char* room) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(room));
}

}  // namespace

Sha256::Sha256() {
  static_assert(sizeof(SHA256_CTX) == kContextBytes && alignof(SHA256_CTX) <= 8);
  new (context_.data()) SHA256_CTX;
  reset();
}

void Sha256::reset() {
  SHA256_Init(context_of(context_.data()));
}

Sha256& Sha256::update(base::ByteView bytes) {
  SHA256_Update(context_of(context_.data()), bytes.data(), bytes.size());
  return *this;
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  SHA256_Final(digest.data(), context_of(context_.data()));
  return digest;
}

base::Bytes Sha256::block_state() const {
  SHA256_CTX context;
  std::memcpy(&context, context_.data(), sizeof context);
  CHECK(context.num == 0);
  base::Bytes state;
  for (std::uint32_t word : context.h) {
    base::put_be32(state, word);
  }
  OPENSSL_cleanse(&context, sizeof context);
  return state;
}

Sha256 Sha256::from_block_state(base::ByteView state, std::uint64_t blocks) {
  constexpr std::uint64_t kBlockBits = 512;
  CHECK(state.size() == kSha256Bytes);
  Sha256 hash;
  SHA256_CTX* context = context_of(hash.context_.data());
  base::Decoder in(state);
  for (auto& word : context->h) {
    word = in.be32();
  }
  context->Nl = static_cast<SHA_LONG>(blocks * kBlockBits);
  context->Nh = static_cast<SHA_LONG>((blocks * kBlockBits) >> 32U);
  return hash;
}

Sha256Digest sha256(base::ByteView bytes) {
  return Sha256().update(bytes).finish();
}

}  // namespace piperoll::crypto
