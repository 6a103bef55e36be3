#include "base/zstd_block.h"

#include <memory>

#include <zstd.h>

#include "base/check.h"
#include "base/freed_by.h"

namespace piperoll::base {
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

}  // namespace

void append_zstd_block(Bytes& out, ByteView input, int level) {
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(input.size()));
  const std::size_t size = ZSTD_compressCCtx(compression_context(), out.data() + start,
                                             out.size() - start, input.data(), input.size(), level);
  CHECK(!ZSTD_isError(size));
  out.resize(start + size);
}

Result<void> append_zstd_unblock(Bytes& out, ByteView frame, std::size_t raw_size) {
  const std::size_t start = out.size();
  // The frame's own idea of its size is asked first, so that a damaged length reserves nothing.
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) == raw_size) {
    out.resize(start + raw_size);
    const std::size_t size = ZSTD_decompressDCtx(decompression_context(), out.data() + start,
                                                 raw_size, frame.data(), frame.size());
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
