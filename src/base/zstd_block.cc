#include "base/zstd_block.h"

#include <utility>

#include <zdict.h>
#include <zstd.h>

#include "base/check.h"
#include "base/freed_by.h"

namespace piperoll::base {

struct ZstdDictionary::Digested {
  std::unique_ptr<ZSTD_CDict, FreedBy<ZSTD_freeCDict>> to_compress;
  std::unique_ptr<ZSTD_DDict, FreedBy<ZSTD_freeDDict>> to_decompress;
};

namespace {

// Making a context costs as much as compressing a block with it.
ZSTD_CCtx* compression_context() {
  static thread_local std::unique_ptr<ZSTD_CCtx, FreedBy<ZSTD_freeCCtx>> context(ZSTD_createCCtx());
  CHECK(context != nullptr);
  return context.get();
}

ZSTD_DCtx* decompression_context() {
  static thread_local std::unique_ptr<ZSTD_DCtx, FreedBy<ZSTD_freeDCtx>> context(ZSTD_createDCtx());
  CHECK(context != nullptr);
  return context.get();
}

// compress(destination, capacity) gives a size or an error of zstd's, which cannot be here.
template <class Compress>
void append_frame(Bytes& out, std::size_t input_bytes, Compress compress) {
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(input_bytes));
  const std::size_t size = compress(out.data() + start, out.size() - start);
  CHECK(!ZSTD_isError(size));
  out.resize(start + size);
}

}  // namespace

ZstdDictionary::ZstdDictionary(Bytes bytes) : bytes_(std::move(bytes)) {}

Result<std::shared_ptr<const ZstdDictionary>> ZstdDictionary::make(Bytes bytes, int level) {
  auto made = std::make_shared<ZstdDictionary>(std::move(bytes));
  auto digested = std::make_unique<Digested>();
  digested->to_compress.reset(ZSTD_createCDict(made->bytes_.data(), made->bytes_.size(), level));
  digested->to_decompress.reset(ZSTD_createDDict(made->bytes_.data(), made->bytes_.size()));
  if (digested->to_compress == nullptr || digested->to_decompress == nullptr) {
    return Error{.kind = ErrorKind::Corruption,
                 .message = "a dictionary of compressed blocks is damaged",
                 .code = "damaged_dictionary"};
  }
  made->digested_ = std::move(digested);
  return std::shared_ptr<const ZstdDictionary>(std::move(made));
}

ZstdDictionary::~ZstdDictionary() = default;

std::optional<Bytes> ZstdDictionary::train(ByteView joined, std::span<const std::size_t> sizes,
                                           std::size_t max_bytes) {
  Bytes bytes(max_bytes, '\0');
  const std::size_t size = ZDICT_trainFromBuffer(bytes.data(), bytes.size(), joined.data(),
                                                 sizes.data(), static_cast<unsigned>(sizes.size()));
  if (ZDICT_isError(size)) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

void append_zstd_block(Bytes& out, ByteView input, int level) {
  append_frame(out, input.size(), [&](char* to, std::size_t capacity) {
    return ZSTD_compressCCtx(compression_context(), to, capacity, input.data(), input.size(),
                             level);
  });
}

void append_zstd_block(Bytes& out, ByteView input, const ZstdDictionary& dictionary) {
  append_frame(out, input.size(), [&](char* to, std::size_t capacity) {
    return ZSTD_compress_usingCDict(compression_context(), to, capacity, input.data(), input.size(),
                                    dictionary.digested().to_compress.get());
  });
}

Result<void> append_zstd_unblock(Bytes& out, ByteView frame, std::size_t raw_size,
                                 const ZstdDictionary* dictionary) {
  const std::size_t start = out.size();
  // The frame's own idea of its size is asked first, so that a damaged length reserves nothing.
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) == raw_size) {
    out.resize(start + raw_size);
    const ZSTD_DDict* digested =
        dictionary == nullptr ? nullptr : dictionary->digested().to_decompress.get();
    const std::size_t size =
        ZSTD_decompress_usingDDict(decompression_context(), out.data() + start, raw_size,
                                   frame.data(), frame.size(), digested);
    if (!ZSTD_isError(size) && size == raw_size) {
      return {};
    }
    out.resize(start);
  }
  return Error{.kind = ErrorKind::Corruption,
               .message = "a compressed block is damaged",
               .code = "damaged_block"};
}

}  // namespace piperoll::base
