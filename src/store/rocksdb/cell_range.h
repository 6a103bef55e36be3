#pragma once
// CellRange: a plan that cells answer: every record, or those that have one of some values of one
// field, and perhaps a stretch of occurred_at. The whole hours of the stretch are counted by cells
// of the greatest periods that fit; what is left of it at both ends is looked at record by record.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "store/rocksdb/filter_plan.h"
#include "store/rocksdb/index_reader.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

// Periods [first, end) of one level.
struct CellPeriods {
  CellLevel level = CellLevel::Hour;
  std::uint32_t first = 0, end = 0;
  bool operator==(const CellPeriods&) const = default;
};

// The fewest periods, none above the level, that make up the hours [first, end).
std::vector<CellPeriods> periods_between(CellLevel top, std::uint32_t first, std::uint32_t end);

class CellRange {
 public:
  // Nothing if cells do not answer the plan: another form, values that have no cells, records in
  // the index that the plan leaves out, or a stretch without a whole hour.
  static std::optional<CellRange> of(const PlanNode& root, const IndexReader& index,
                                     std::uint64_t bound);

  bool is_everything() const { return values_.kind == PlanNode::Kind::Everything; }
  bool has_stretch() const {
    return min_ != base::kTimestampMin.micros || max_ != base::kTimestampMax.micros;
  }
  bool has_edges() const { return min_ < whole_begin_ || whole_end_ <= max_; }

  // Calls visit with the start of each period that has a cell, none of them above the level, and
  // the counts in it (counts_codec.h).
  using VisitCell = std::function<base::Result<void>(base::Timestamp start, base::ByteView counts)>;
  base::Result<void> for_each_cell(const IndexReader& index, CellLevel top,
                                   const VisitCell& visit) const;
  // As for_each_cell, with the records of the plan.
  using VisitCount = std::function<void(base::Timestamp start, std::uint64_t count)>;
  base::Result<void> count_cells(const IndexReader& index, CellLevel top,
                                 const VisitCount& visit) const;
  // Calls visit with the records of the plan that lie in no cell of for_each_cell.
  using VisitRecord = std::function<base::Result<void>(std::uint64_t seq, std::int64_t time)>;
  base::Result<void> for_each_edge(IndexReader& index, const VisitRecord& visit) const;

 private:
  CellRange(PlanNode values, std::uint64_t bound) : values_(std::move(values)), bound_(bound) {}
  bool is_outside_edges(const TimeBounds& bounds) const;
  bool is_in_edge(std::int64_t time) const {
    return min_ <= time && time <= max_ && (time < whole_begin_ || time >= whole_end_);
  }
  base::Result<void> visit_segment(IndexReader& index, std::uint64_t segment, const SeqSet* members,
                                   const VisitRecord& visit) const;

  PlanNode values_;  // Everything or Values
  std::uint64_t bound_;
  std::vector<std::uint32_t> keys_;               // in cells, ascending
  std::int64_t min_ = 0, max_ = 0;                // of the stretch, both in it
  std::int64_t whole_begin_ = 0, whole_end_ = 0;  // of its whole hours
};

}  // namespace piperoll::store::rocks
