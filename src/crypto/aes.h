#pragma once
// AES-256 as a bare permutation of 16-byte blocks (FIPS 197), for constructions that need one. Not
// a way to encipher messages. One thread at a time; movable.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace piperoll::crypto {

// Who does the rounds: the instructions of the processor, or OpenSSL, whose interface costs 0.4 us
// a key before the first block. The same bytes come out.
enum class AesEngine : std::uint8_t { Library, Processor };
AesEngine aes_engine();  // the faster of what is here
bool is_supported(AesEngine engine);

class Aes256 {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kBlockBytes = 16;

  // REQUIRES: key.size() == kKeyBytes; the engine is supported
  explicit Aes256(base::ByteView key, AesEngine engine = aes_engine());
  ~Aes256();
  Aes256(Aes256&&) noexcept;
  Aes256& operator=(Aes256&&) noexcept;

  // From now on another key of kKeyBytes. Allocates nothing.
  void set_key(base::ByteView key);
  // into may be the same place as from.
  void encrypt_block(const char* from, char* into) { encrypt_blocks(from, into, 1); }
  // count blocks one after the other, each for itself. About 5 ns a block when there are many.
  void encrypt_blocks(const char* from, char* into, std::size_t count);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace piperoll::crypto
