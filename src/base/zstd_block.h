#pragma once
// zstd for blocks of a few KiB whose size is known, as stores keep them: one frame a block,
// contexts kept per thread instead of made per call. Thread-safe.

#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::base {

// Appends one frame. level: 1 (fastest) to 19.
void append_zstd_block(Bytes& out, ByteView input, int level);

// Appends what frame decodes to. Corruption unless that is exactly raw_size bytes, so no input
// makes it write more.
Result<void> append_zstd_unblock(Bytes& out, ByteView frame, std::size_t raw_size);

}  // namespace piperoll::base
