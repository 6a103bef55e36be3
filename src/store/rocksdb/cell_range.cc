#include "store/rocksdb/cell_range.h"

#include <algorithm>
#include <utility>

#include "store/rocksdb/cell_writer.h"
#include "store/rocksdb/counts_codec.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::int64_t kHourMicros = 3600 * base::kMicrosPerSecond;
constexpr std::uint32_t kHoursPerDay = 24;

bool has_cells(const PlanNode& node) {
  return node.kind == PlanNode::Kind::Values && node.unlisted_from == kNever &&
         kIndexedFields[node.slot].has_cells && !node.codes.empty() &&
         node.codes.front() >= kFirstCode && node.codes.back() < kCellCodesMax;
}

bool is_stretch(const PlanNode& node) {
  return node.kind == PlanNode::Kind::Times && node.column == TimeColumn::Occurred;
}

// The stretch and the values of a plan; either may be missing. False: another form.
bool take_apart(const PlanNode& root, const PlanNode*& stretch, const PlanNode*& values) {
  const auto take = [&](const PlanNode& node) {
    const PlanNode*& place = is_stretch(node) ? stretch : values;
    if (place != nullptr || (!is_stretch(node) && !has_cells(node))) {
      return false;
    }
    place = &node;
    return true;
  };
  if (root.kind == PlanNode::Kind::And) {
    return std::all_of(root.children.begin(), root.children.end(), take);
  }
  return root.kind == PlanNode::Kind::Everything || take(root);
}

std::uint32_t first_day_of(std::uint32_t month) {
  return period_of(CellLevel::Day, start_of_period(CellLevel::Month, month));
}

}  // namespace

std::vector<CellPeriods> periods_between(CellLevel top, std::uint32_t first, std::uint32_t end) {
  std::vector<CellPeriods> periods;
  const auto add = [&](CellLevel level, std::uint32_t from, std::uint32_t to) {
    if (from < to) {
      periods.push_back({level, from, to});
    }
  };
  const std::uint32_t first_day = (first + kHoursPerDay - 1) / kHoursPerDay;
  const std::uint32_t end_day = end / kHoursPerDay;
  if (top == CellLevel::Hour || first_day >= end_day) {
    add(CellLevel::Hour, first, end);
    return periods;
  }
  add(CellLevel::Hour, first, first_day * kHoursPerDay);
  add(CellLevel::Hour, end_day * kHoursPerDay, end);
  const auto month_of = [](std::uint32_t day) {
    return period_of(CellLevel::Month, start_of_period(CellLevel::Day, day));
  };
  std::uint32_t first_month = month_of(first_day);
  first_month += first_day_of(first_month) < first_day ? 1U : 0U;
  const std::uint32_t end_month = month_of(end_day);
  if (top == CellLevel::Day || first_month >= end_month) {
    add(CellLevel::Day, first_day, end_day);
    return periods;
  }
  add(CellLevel::Day, first_day, first_day_of(first_month));
  add(CellLevel::Day, first_day_of(end_month), end_day);
  add(CellLevel::Month, first_month, end_month);
  return periods;
}

std::optional<CellRange> CellRange::of(const PlanNode& root, const IndexReader& index,
                                       std::uint64_t bound) {
  const PlanNode* stretch = nullptr;
  const PlanNode* values = nullptr;
  if (bound != index.indexed() || !take_apart(root, stretch, values)) {
    return std::nullopt;
  }
  CellRange range(values != nullptr ? *values : PlanNode{.kind = PlanNode::Kind::Everything},
                  bound);
  range.min_ = base::kTimestampMin.micros;
  range.max_ = base::kTimestampMax.micros;
  if (stretch != nullptr) {
    range.min_ = std::max(range.min_, stretch->min);
    range.max_ = std::min(range.max_, stretch->max);
  }
  range.whole_begin_ = (range.min_ + kHourMicros - 1) / kHourMicros * kHourMicros;
  range.whole_end_ = (range.max_ + 1) / kHourMicros * kHourMicros;
  if (range.whole_begin_ >= range.whole_end_) {
    return std::nullopt;
  }
  if (values == nullptr) {
    range.keys_ = {kAllRecords};
  } else {
    for (const Code code : values->codes) {
      range.keys_.push_back(cell_key(values->slot, code));
    }
  }
  return range;
}

base::Result<void> CellRange::for_each_cell(const IndexReader& index, CellLevel top,
                                            const VisitCell& visit) const {
  const std::uint32_t first = period_of(CellLevel::Hour, {whole_begin_});
  const std::uint32_t end = period_of(CellLevel::Hour, {whole_end_});
  for (const CellPeriods& periods : periods_between(top, first, end)) {
    RETURN_IF_ERROR(index.for_each_cell(periods.level, periods.first, periods.end,
                                        [&](std::uint32_t period, base::ByteView counts) {
                                          return visit(start_of_period(periods.level, period),
                                                       counts);
                                        }));
  }
  return {};
}

base::Result<void> CellRange::count_cells(const IndexReader& index, CellLevel top,
                                          const VisitCount& visit) const {
  return for_each_cell(
      index, top, [&](base::Timestamp start, base::ByteView counts) -> base::Result<void> {
        std::uint64_t sum = 0;
        RETURN_IF_ERROR(visit_counts(counts, keys_.front(), keys_.back(), [&](KeyCount entry) {
          const bool wanted = std::binary_search(keys_.begin(), keys_.end(), entry.key);
          sum += wanted ? entry.count : 0;
        }));
        if (sum > 0) {
          visit(start, sum);
        }
        return {};
      });
}

bool CellRange::is_outside_edges(const TimeBounds& bounds) const {
  return bounds.empty() || bounds.least > max_ || bounds.greatest < min_ ||
         (whole_begin_ <= bounds.least && bounds.greatest < whole_end_);
}

base::Result<void> CellRange::for_each_edge(IndexReader& index, const VisitRecord& visit) const {
  if (!has_edges()) {
    return {};
  }
  FilterPlan plan(values_, index, bound_);
  for (std::uint32_t bucket = 0; bucket < plan.bucket_count(); ++bucket) {
    ASSIGN_OR_RETURN(const BucketBoundsPointer bounds, index.bounds(TimeColumn::Occurred, bucket));
    if (is_outside_edges(bounds->whole)) {
      continue;
    }
    std::optional<SeqSet> members;
    for (std::uint32_t i = 0; i < bounds->segments.size(); ++i) {
      if (is_outside_edges(bounds->segments[i])) {
        continue;
      }
      if (!members.has_value() && !is_everything()) {
        ASSIGN_OR_RETURN(BucketMatch match, plan.evaluate(bucket));
        members = std::move(match.sure);
      }
      RETURN_IF_ERROR(visit_segment(index, std::uint64_t{bucket} * kSegmentsPerBucket + i,
                                    members.has_value() ? &*members : nullptr, visit));
    }
  }
  return {};
}

// members: null: all.
base::Result<void> CellRange::visit_segment(IndexReader& index, std::uint64_t segment,
                                            const SeqSet* members, const VisitRecord& visit) const {
  const std::uint64_t base = segment * kSegmentSeqs;
  if (members == nullptr) {
    ASSIGN_OR_RETURN(const std::span<const std::int64_t> times,
                     index.times(TimeColumn::Occurred, segment));
    const std::uint64_t count = std::min<std::uint64_t>(kSegmentSeqs, bound_ - base);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (is_in_edge(times[i])) {
        RETURN_IF_ERROR(visit(base + i, times[i]));
      }
    }
    return {};
  }
  const auto begin = static_cast<std::uint32_t>(base % kBucketSeqs);
  const std::vector<std::uint16_t> lows = members->list_in(begin, begin + kSegmentSeqs);
  if (lows.empty()) {
    return {};
  }
  ASSIGN_OR_RETURN(const std::span<const std::int64_t> times,
                   index.times(TimeColumn::Occurred, segment));
  for (const std::uint16_t low : lows) {
    const std::int64_t time = times[low % kSegmentSeqs];
    if (is_in_edge(time)) {
      RETURN_IF_ERROR(visit(base + low % kSegmentSeqs, time));
    }
  }
  return {};
}

}  // namespace piperoll::store::rocks
