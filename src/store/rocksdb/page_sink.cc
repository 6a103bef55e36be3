#include "store/rocksdb/page_sink.h"

namespace piperoll::store::rocks {

base::Result<bool> PageSink::offer(std::uint64_t seq, bool sure) {
  if (!sure) {
    ++cost_.rows;
    ASSIGN_OR_RETURN(const std::optional<event::RecordView> record, filter_.match(rows_, seq));
    if (!record.has_value()) {
      return true;
    }
  }
  if (!try_skip(1) && seqs_.size() < wanted_) {
    seqs_.push_back(seq);
    if (!sure) {
      rows_.keep();  // it will be on the page
    }
  }
  return seqs_.size() < wanted_;
}

bool PageSink::try_skip(std::uint64_t count) {
  if (count > left_to_skip_) {
    return false;
  }
  left_to_skip_ -= count;
  skipped_ += count;
  return true;
}

std::uint64_t PageSink::left() const {
  const std::uint64_t wanted = wanted_ - seqs_.size();
  const std::uint64_t sum = wanted + left_to_skip_;
  return sum < wanted ? std::numeric_limits<std::uint64_t>::max() : sum;
}

}  // namespace piperoll::store::rocks
