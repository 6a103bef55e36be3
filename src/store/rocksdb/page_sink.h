#pragma once
// PageSink: takes candidates in the order of the page, drops those that do not match, skips the
// offset, keeps as many as wanted. One thread at a time.

#include <cstdint>
#include <limits>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "store/rocksdb/query_cost.h"
#include "store/rocksdb/row_blocks.h"
#include "store/rocksdb/row_filter.h"

namespace piperoll::store::rocks {

class PageSink {
 public:
  // Keeps one more than limit, to know whether there are more. What is given as a reference
  // outlives it.
  PageSink(std::uint64_t offset, std::uint64_t limit, const query::Filter& filter, RowReader& rows,
           QueryCost& cost)
      : left_to_skip_(offset),
        wanted_(limit == std::numeric_limits<std::uint64_t>::max() ? limit : limit + 1),
        filter_(filter),
        rows_(rows),
        cost_(cost) {}

  // The next candidate. False: enough. sure: it is known to match.
  base::Result<bool> offer(std::uint64_t seq, bool sure);
  // So many matches may be passed over unseen.
  std::uint64_t left_to_skip() const { return left_to_skip_; }
  // Passes over count matches if they all fall into the offset; else does nothing.
  bool try_skip(std::uint64_t count);
  // How many more matches can change the page.
  std::uint64_t left() const;

  std::uint64_t skipped() const { return skipped_; }
  const std::vector<std::uint64_t>& seqs() const { return seqs_; }

 private:
  std::uint64_t left_to_skip_;
  std::uint64_t wanted_;
  RowFilter filter_;
  RowReader& rows_;
  QueryCost& cost_;
  std::uint64_t skipped_ = 0;
  std::vector<std::uint64_t> seqs_;
};

}  // namespace piperoll::store::rocks
