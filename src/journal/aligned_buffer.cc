#include "journal/aligned_buffer.h"

#include "base/check.h"
#include "journal/segment_format.h"

namespace piperoll::journal {

void AlignedBuffer::reserve(std::size_t bytes) {
  if (bytes <= capacity_) {
    return;
  }
  const std::size_t rounded = round_up(bytes, kBlockBytes);
  data_.reset();
  data_.reset(static_cast<char*>(std::aligned_alloc(kBlockBytes, rounded)));
  CHECK(data_ != nullptr);
  capacity_ = rounded;
}

void AlignedBuffer::shrink() {
  data_.reset();
  capacity_ = 0;
}

}  // namespace piperoll::journal
