#pragma once
// Matches: the records of a log that match a filter, bucket by bucket; rows are read where the
// index does not decide. What counts, facets and histograms are made of. One thread at a time.

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "store/rocksdb/filter_plan.h"
#include "store/rocksdb/index_queries.h"
#include "store/rocksdb/index_reader.h"
#include "store/rocksdb/row_blocks.h"
#include "store/rocksdb/row_filter.h"
#include "store/rocksdb/tail_match.h"

namespace piperoll::store::rocks {

class Matches {
 public:
  // Plans the filter, normalised. What context names outlives it.
  static base::Result<std::unique_ptr<Matches>> make(const QueryContext& context,
                                                     const query::Filter& filter,
                                                     std::uint64_t bound);
  struct Passkey {};
  Matches(Passkey, const QueryContext& context, query::Filter filter);
  ~Matches() { index_.cost().row_blocks += rows_.blocks_read(); }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;

  std::uint32_t bucket_count() const { return plan_->bucket_count(); }
  // Exactly those that match.
  base::Result<SeqSet> in_bucket(std::uint32_t bucket);
  FilterPlan& plan() { return *plan_; }
  const query::Filter& filter() const { return filter_; }
  IndexReader& index() { return index_; }
  RowReader& rows() { return rows_; }
  // A record that is read to know what it holds, as RowReader::view.
  base::Result<event::RecordView> row(std::uint64_t seq) {
    ++index_.cost().rows;
    return rows_.view(seq);
  }
  // Calls visit, as long as it does not fail, for the matches among the records up to bound that
  // the index does not hold, in the order of seq: those in rows, then those not applied.
  using VisitTail = std::function<base::Result<void>(const TailMatch&)>;
  base::Result<void> for_each_newest(std::uint64_t bound, const VisitTail& visit);

 private:
  base::Result<void> look_at_row(std::uint64_t seq, const VisitTail& visit);
  base::Result<void> look_at_run(const UnappliedRun& run, std::uint64_t from, std::uint64_t to,
                                 const VisitTail& visit);

  const ReadView& view_;
  query::Filter filter_;
  RowFilter row_filter_;
  IndexReader index_;
  RowReader rows_;
  std::unique_ptr<FilterPlan> plan_;
};

}  // namespace piperoll::store::rocks
