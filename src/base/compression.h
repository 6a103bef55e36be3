#pragma once
// gzip and zstd, bounded after decoding: no input makes them use more than output_bytes_max.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::base {

enum class Compression { None, Gzip, Zstd };

// The whole of input (one or more gzip members or zstd frames) decoded. TooLarge beyond
// output_bytes_max, InvalidArgument when the input is broken or ends early.
Result<std::string> decompress(Compression compression, std::string_view input,
                               std::size_t output_bytes_max);
// REQUIRES: an input under 4 GiB; a level that the format has (gzip 1 to 9, zstd 1 to 19).
std::string compress(Compression compression, std::string_view input, int level);

// Streaming decoder for files: feed() appends what input decodes to. One thread at a time. After an
// error nothing more may be fed.
class StreamDecompressor {
 public:
  virtual ~StreamDecompressor() = default;
  // TooLarge when this one call would append more than feed_output_bytes_max.
  virtual Result<void> feed(std::string_view input, std::string& output) = 0;
  // InvalidArgument when the input ended in the middle of a frame.
  virtual Result<void> finish() = 0;
};

// A few bytes can decode to megabytes: feed a file in slices of 64 KiB or so.
inline constexpr std::size_t kFeedOutputBytesMax = std::size_t{256} << 20;
std::unique_ptr<StreamDecompressor> make_stream_decompressor(
    Compression compression, std::size_t feed_output_bytes_max = kFeedOutputBytesMax);

}  // namespace piperoll::base
