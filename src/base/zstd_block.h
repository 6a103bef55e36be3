#pragma once
// zstd for blocks of a few KiB whose size is known, as stores keep them: one frame a block,
// contexts kept per thread instead of made per call. Thread-safe.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::base {

// What blocks of one kind have in common, digested for both directions: small ones are compressed
// with it as well as large ones are without. Immutable, thread-safe.
class ZstdDictionary {
 public:
  // bytes: as train() made them. level: as append_zstd_block. Corruption unless they are whole.
  static Result<std::shared_ptr<const ZstdDictionary>> make(Bytes bytes, int level);
  struct Digested;
  explicit ZstdDictionary(Bytes bytes);  // make() makes them
  ~ZstdDictionary();
  ZstdDictionary(const ZstdDictionary&) = delete;
  ZstdDictionary& operator=(const ZstdDictionary&) = delete;

  // The bytes of a dictionary of at most max_bytes for what looks like samples, which lie in
  // `joined` one behind the other. Nothing where they have too little in common or are too few.
  static std::optional<Bytes> train(ByteView joined, std::span<const std::size_t> sizes,
                                    std::size_t max_bytes);

  ByteView bytes() const { return bytes_; }
  const Digested& digested() const { return *digested_; }

 private:
  Bytes bytes_;
  std::unique_ptr<const Digested> digested_;
};

// Appends one frame. level: 1 (fastest) to 19.
void append_zstd_block(Bytes& out, ByteView input, int level);
// The same at the dictionary's level; only it can read the frame.
void append_zstd_block(Bytes& out, ByteView input, const ZstdDictionary& dictionary);

// Appends what frame decodes to. Corruption unless that is exactly raw_size bytes, so no input
// makes it write more. dictionary: what the frame was made with; null: nothing.
Result<void> append_zstd_unblock(Bytes& out, ByteView frame, std::size_t raw_size,
                                 const ZstdDictionary* dictionary = nullptr);

}  // namespace piperoll::base
