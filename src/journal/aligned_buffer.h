#pragma once
// Memory at a 4096-byte boundary, as direct I/O wants it. One thread at a time.

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace piperoll::journal {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes) { reserve(bytes); }

  // At least this many bytes, rounded up to whole blocks. What was in it is lost when it grows.
  void reserve(std::size_t bytes);
  void shrink();  // gives the memory back

  char* data() { return data_.get(); }
  const char* data() const { return data_.get(); }
  std::size_t capacity() const { return capacity_; }

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  std::unique_ptr<char, Free> data_;
  std::size_t capacity_ = 0;
};

}  // namespace piperoll::journal
