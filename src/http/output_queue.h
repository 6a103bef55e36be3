#pragma once
// Bytes waiting to be written to one connection. One thread at a time.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace piperoll::http {

class OutputQueue {
 public:
  static constexpr std::size_t kPiecesMax = 16;           // of one write
  static constexpr std::size_t kCopiedBytesMax = 32'768;  // above it a piece is not copied

  void append(std::string_view bytes);
  // Takes a large piece over instead of copying it.
  void append(std::string&& bytes);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // The first pieces in order, at most kPiecesMax; returns how many. Valid until the next change.
  std::size_t front(std::array<std::string_view, kPiecesMax>& pieces) const;
  // Drops the first `bytes`. REQUIRES: bytes <= size().
  void consume(std::size_t bytes);

 private:
  // Pieces from first_ on, of which offset_ bytes of the first are already gone. The last one keeps
  // its memory when all is written, so that a connection with small answers does not allocate.
  std::vector<std::string> pieces_;
  std::size_t first_ = 0;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

}  // namespace piperoll::http
