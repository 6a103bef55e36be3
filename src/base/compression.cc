#include "base/compression.h"

#include <algorithm>
#include <limits>

#include <zlib.h>
#include <zstd.h>

#include "base/check.h"
#include "base/zstd_block.h"

namespace piperoll::base {
namespace {

constexpr int kGzipWindowBits = 16 + MAX_WBITS;  // 16: the gzip format, and only that
constexpr int kZstdWindowLogMax = 27;            // 128 MiB: what zstd --long makes
constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

Error broken(const char* format, const std::string& why) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = std::string("broken ") + format + " data: " + why,
          .code = "broken_compression"};
}

Error too_large(std::size_t output_bytes_max) {
  return {.kind = ErrorKind::TooLarge,
          .message = "decompressed size is over the limit of " + std::to_string(output_bytes_max) +
                     " bytes"};
}

// Where a decoder writes before anyone knows whether there is room for it.
struct Piece {
  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kPieceBytes);
};

// Collects output piece by piece, so that no more than the limit and one piece is ever held. A view
// of both.
class BoundedOutput {
 public:
  BoundedOutput(std::string& out, std::size_t bytes_max, Piece& piece)
      : out_(out), left_(bytes_max), bytes_max_(bytes_max), piece_(piece.bytes.get()) {}

  char* piece() { return piece_; }

  // Takes the first size bytes of piece().
  Result<void> take(std::size_t size) {
    if (size > left_) {
      return too_large(bytes_max_);
    }
    out_.append(piece_, size);
    left_ -= size;
    return {};
  }

 private:
  std::string& out_;
  std::size_t left_;
  std::size_t bytes_max_;
  char* piece_;
};

// One or more frames, one after the other; started tells an empty input from a complete one.
class GzipDecoder {
 public:
  GzipDecoder() { CHECK(inflateInit2(&stream_, kGzipWindowBits) == Z_OK); }
  ~GzipDecoder() { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Result<void> feed(std::string_view input, BoundedOutput& output) {
    while (!input.empty()) {
      std::string_view slice = input.substr(0, std::numeric_limits<uInt>::max());
      input.remove_prefix(slice.size());
      RETURN_IF_ERROR(feed_slice(slice, output));
    }
    return {};
  }

  Result<void> finish() const {
    if (in_member_ || !started_) {
      return broken("gzip", "it ends early");
    }
    return {};
  }

 private:
  Result<void> feed_slice(std::string_view slice, BoundedOutput& output) {
    // zlib does not write to its input; its interface is older than const.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(slice.data()));
    stream_.avail_in = static_cast<uInt>(slice.size());
    do {
      if (!in_member_) {
        if (stream_.avail_in == 0) {
          break;
        }
        CHECK(inflateReset(&stream_) == Z_OK);
        in_member_ = started_ = true;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(output.piece());
      stream_.avail_out = kPieceBytes;
      int status = inflate(&stream_, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return broken("gzip", stream_.msg != nullptr ? stream_.msg : "not the gzip format");
      }
      RETURN_IF_ERROR(output.take(kPieceBytes - stream_.avail_out));
      in_member_ = status != Z_STREAM_END;
      // A full piece may mean that more output waits without more input.
    } while (stream_.avail_in > 0 || (in_member_ && stream_.avail_out == 0));
    return {};
  }

  z_stream stream_{};
  bool started_ = false;
  bool in_member_ = false;
};

// The window is allocated as large as a frame asks for (128 MiB at most), but its pages are touched
// only as output passes through them, so memory in use follows the output.
class ZstdDecoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx()) {
    CHECK(context_ != nullptr);
    CHECK(!ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kZstdWindowLogMax)));
  }
  ~ZstdDecoder() { ZSTD_freeDCtx(context_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  Result<void> feed(std::string_view input, BoundedOutput& output) {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    bool piece_full = false;
    while (in.pos < in.size || (in_frame_ && piece_full)) {
      started_ = true;
      ZSTD_outBuffer out{output.piece(), kPieceBytes, 0};
      std::size_t hint = ZSTD_decompressStream(context_, &out, &in);
      if (ZSTD_isError(hint)) {
        return broken("zstd", ZSTD_getErrorName(hint));
      }
      RETURN_IF_ERROR(output.take(out.pos));
      in_frame_ = hint != 0;
      piece_full = out.pos == out.size;
    }
    return {};
  }

  Result<void> finish() const {
    if (in_frame_ || !started_) {
      return broken("zstd", "it ends early");
    }
    return {};
  }

 private:
  ZSTD_DCtx* context_;
  bool started_ = false;
  bool in_frame_ = false;
};

class CopyDecoder {
 public:
  Result<void> feed(std::string_view input, BoundedOutput& output) {
    while (!input.empty()) {
      std::size_t size = input.copy(output.piece(), kPieceBytes);
      RETURN_IF_ERROR(output.take(size));
      input.remove_prefix(size);
    }
    return {};
  }
  Result<void> finish() const { return {}; }
};

template <class Decoder>
class StreamDecoder : public StreamDecompressor {
 public:
  explicit StreamDecoder(std::size_t feed_output_bytes_max)
      : feed_output_bytes_max_(feed_output_bytes_max) {}

  Result<void> feed(std::string_view input, std::string& output) override {
    BoundedOutput bounded(output, feed_output_bytes_max_, piece_);
    return decoder_.feed(input, bounded);
  }
  Result<void> finish() override { return decoder_.finish(); }

 private:
  Decoder decoder_;
  Piece piece_;
  std::size_t feed_output_bytes_max_;
};

template <class Decoder>
Result<std::string> decompress_whole(std::string_view input, std::size_t output_bytes_max) {
  std::string output;
  Piece piece;
  BoundedOutput bounded(output, output_bytes_max, piece);
  Decoder decoder;
  RETURN_IF_ERROR(decoder.feed(input, bounded));
  RETURN_IF_ERROR(decoder.finish());
  return output;
}

std::string compress_gzip(std::string_view input, int level) {
  CHECK(input.size() <= std::numeric_limits<uInt>::max());
  z_stream stream{};
  CHECK(deflateInit2(&stream, level, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string output(deflateBound(&stream, static_cast<uLong>(input.size())), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  output.resize(output.size() - stream.avail_out);
  deflateEnd(&stream);
  return output;
}

std::string compress_zstd(std::string_view input, int level) {
  std::string output;
  append_zstd_block(output, input, level);
  return output;
}

}  // namespace

Result<std::string> decompress(Compression compression, std::string_view input,
                               std::size_t output_bytes_max) {
  switch (compression) {
    case Compression::None:
      break;
    case Compression::Gzip:
      return decompress_whole<GzipDecoder>(input, output_bytes_max);
    case Compression::Zstd:
      return decompress_whole<ZstdDecoder>(input, output_bytes_max);
  }
  if (input.size() > output_bytes_max) {
    return too_large(output_bytes_max);
  }
  return std::string(input);
}

std::string compress(Compression compression, std::string_view input, int level) {
  switch (compression) {
    case Compression::None:
      break;
    case Compression::Gzip:
      return compress_gzip(input, level);
    case Compression::Zstd:
      return compress_zstd(input, level);
  }
  return std::string(input);
}

std::unique_ptr<StreamDecompressor> make_stream_decompressor(Compression compression,
                                                             std::size_t feed_output_bytes_max) {
  switch (compression) {
    case Compression::None:
      break;
    case Compression::Gzip:
      return std::make_unique<StreamDecoder<GzipDecoder>>(feed_output_bytes_max);
    case Compression::Zstd:
      return std::make_unique<StreamDecoder<ZstdDecoder>>(feed_output_bytes_max);
  }
  return std::make_unique<StreamDecoder<CopyDecoder>>(feed_output_bytes_max);
}

}  // namespace piperoll::base
