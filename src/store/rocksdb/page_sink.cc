#include "store/rocksdb/page_sink.h"

#include "base/check.h"
#include "query/match.h"

namespace piperoll::store::rocks {

base::Result<bool> PageSink::offer(std::uint64_t seq, bool sure) {
  if (!sure) {
    ASSIGN_OR_RETURN(const event::RecordView record, rows_.view(seq));
    if (!query::match(filter_, record)) {
      return true;
    }
  }
  if (left_to_skip_ > 0) {
    skip(1);
  } else if (seqs_.size() < wanted_) {
    seqs_.push_back(seq);
  }
  return seqs_.size() < wanted_;
}

void PageSink::skip(std::uint64_t count) {
  CHECK(count <= left_to_skip_);
  left_to_skip_ -= count;
  skipped_ += count;
}

std::uint64_t PageSink::left() const {
  const std::uint64_t wanted = wanted_ - seqs_.size();
  const std::uint64_t sum = wanted + left_to_skip_;
  return sum < wanted ? std::numeric_limits<std::uint64_t>::max() : sum;
}

}  // namespace piperoll::store::rocks
