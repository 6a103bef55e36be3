#pragma once
// AES-256 as a bare permutation of 16-byte blocks (FIPS 197), for constructions that need one. Not
// a way to encipher messages. One thread at a time; movable.

#include <cstddef>
#include <memory>

#include "base/bytes.h"

namespace piperoll::crypto {

class Aes256 {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kBlockBytes = 16;

  explicit Aes256(base::ByteView key);  // REQUIRES: key.size() == kKeyBytes
  ~Aes256();
  Aes256(Aes256&&) noexcept;
  Aes256& operator=(Aes256&&) noexcept;

  // From now on another key of kKeyBytes. A third of the cost of a new object; allocates nothing.
  void set_key(base::ByteView key);
  // into may be the same place as from. About 60 ns.
  void encrypt_block(const char* from, char* into) { encrypt_blocks(from, into, 1); }
  // count blocks one after the other, each for itself. About 3 ns a block when there are many.
  void encrypt_blocks(const char* from, char* into, std::size_t count);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace piperoll::crypto
