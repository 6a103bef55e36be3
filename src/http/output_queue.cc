#include "http/output_queue.h"

#include <utility>

#include "base/check.h"

namespace piperoll::http {

void OutputQueue::append(std::string_view bytes) {
  bool has_room = first_ < pieces_.size() && pieces_.back().size() < kCopiedBytesMax;
  if (!has_room) {
    pieces_.emplace_back();
  }
  pieces_.back().append(bytes);
  size_ += bytes.size();
}

void OutputQueue::append(std::string&& bytes) {
  if (bytes.size() <= kCopiedBytesMax) {
    append(std::string_view(bytes));
    return;
  }
  size_ += bytes.size();
  pieces_.push_back(std::move(bytes));
}

std::size_t OutputQueue::front(std::array<std::string_view, kPiecesMax>& pieces) const {
  std::size_t count = 0;
  for (std::size_t i = first_; i < pieces_.size() && count < kPiecesMax; ++i) {
    std::string_view piece = pieces_[i];
    piece.remove_prefix(i == first_ ? offset_ : 0);
    if (!piece.empty()) {
      pieces[count++] = piece;
    }
  }
  return count;
}

void OutputQueue::consume(std::size_t bytes) {
  CHECK(bytes <= size_);
  size_ -= bytes;
  bytes += offset_;
  while (first_ < pieces_.size() && bytes >= pieces_[first_].size()) {
    bytes -= pieces_[first_].size();
    if (first_ + 1 == pieces_.size() && pieces_[first_].capacity() <= 2 * kCopiedBytesMax) {
      std::string kept = std::move(pieces_[first_]);
      kept.clear();
      pieces_.clear();
      pieces_.push_back(std::move(kept));
      first_ = 0;
      offset_ = 0;
      return;
    }
    std::string().swap(pieces_[first_]);
    ++first_;
  }
  offset_ = bytes;
  if (first_ == pieces_.size() || first_ >= kPiecesMax) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

}  // namespace piperoll::http
