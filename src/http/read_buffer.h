#pragma once
// The bytes of one unfinished request, in one piece. Memory is not cleared: a body of 16 MiB costs
// only the bytes that come. One thread at a time.

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "http/http_limits.h"

namespace piperoll::http {

class ReadBuffer {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t free_bytes() const { return capacity_ - size_; }
  const char* data() const { return bytes_.get(); }
  std::string_view view() const { return {bytes_.get(), size_}; }

  // Where to read next: free_bytes() from here; then say with grew() how many came.
  char* end() { return bytes_.get() + size_; }
  void grew(std::size_t bytes) {
    DCHECK(bytes <= free_bytes());
    size_ += bytes;
  }

  // Room for `total` bytes in all (and kBodyPaddingBytes that may be read behind them).
  void reserve(std::size_t total) {
    if (total <= capacity_) {
      return;
    }
    auto larger = std::make_unique_for_overwrite<char[]>(total + kBodyPaddingBytes);
    if (size_ > 0) {
      std::memcpy(larger.get(), bytes_.get(), size_);
    }
    std::memset(larger.get() + total, 0, kBodyPaddingBytes);
    bytes_ = std::move(larger);
    capacity_ = total;
  }

  void append(std::string_view bytes) {
    reserve(size_ + bytes.size());
    if (!bytes.empty()) {
      std::memcpy(end(), bytes.data(), bytes.size());
    }
    size_ += bytes.size();
  }

  // Drops the first `bytes`; gives the memory back once nothing is left.
  void consume(std::size_t bytes) {
    DCHECK(bytes <= size_);
    size_ -= bytes;
    if (size_ == 0) {
      clear();
    } else if (bytes > 0) {
      std::memmove(bytes_.get(), bytes_.get() + bytes, size_);
    }
  }

  void clear() {
    bytes_.reset();
    size_ = capacity_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;  // without the padding
};

}  // namespace piperoll::http
