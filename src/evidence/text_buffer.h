#pragma once
// Room for texts that are written by pointer, one behind the other; grows, and is never cleared to
// zeros as a string that is resized is. Movable.

#include <algorithm>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace piperoll::evidence {

class TextBuffer {
 public:
  // At least so many bytes behind what was taken. Views of the buffer end here.
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) [[unlikely]] {
      grow(bytes);
    }
    return bytes_.get() + size_;
  }
  // What was written since room(), up to end, stays. Returns where it begins.
  std::size_t take_until(const char* end) {
    const auto new_size = static_cast<std::size_t>(end - bytes_.get());
    DCHECK(size_ <= new_size && new_size <= capacity_);
    return std::exchange(size_, new_size);
  }
  void clear() { size_ = 0; }
  const char* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  base::ByteView view(std::size_t begin, std::size_t bytes) const {
    return {bytes_.get() + begin, bytes};
  }

 private:
  void grow(std::size_t bytes) {
    capacity_ = std::max(2 * capacity_, size_ + bytes);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::copy_n(bytes_.get(), size_, larger.get());
    bytes_ = std::move(larger);
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace piperoll::evidence
