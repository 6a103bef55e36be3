#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "event/fields.h"
#include "store/rocksdb/answers.h"
#include "store/rocksdb/cell_range.h"
#include "store/rocksdb/cell_writer.h"
#include "store/rocksdb/counts_codec.h"
#include "store/rocksdb/first_items.h"
#include "store/rocksdb/index_queries.h"
#include "store/rocksdb/match_values.h"
#include "store/rocksdb/matches.h"
#include "store/rocksdb/text_counts.h"

namespace piperoll::store::rocks {
namespace {

// Counts from totals, where one field decides and no bound cuts the log; nothing otherwise. The
// totals are those that the plan was estimated by.
std::optional<std::uint64_t> count_from_totals(Matches& matches) {
  const PlanNode& root = matches.plan().root();
  const bool negated = root.kind == PlanNode::Kind::Not;
  const PlanNode& node = negated ? root.children.front() : root;
  const std::uint64_t size = matches.plan().bound();
  std::uint64_t count = 0;
  if (node.kind == PlanNode::Kind::Everything) {
    count = size;
  } else if (size != matches.index().indexed()) {
    return std::nullopt;
  } else if (node.kind == PlanNode::Kind::Present ||
             (node.kind == PlanNode::Kind::Values && node.unlisted_from == kNever)) {
    count = node.estimate;
  } else if (node.kind != PlanNode::Kind::Nothing) {
    return std::nullopt;
  }
  return negated ? size - count : count;
}

base::Result<std::uint64_t> count_in_cells(const CellRange& range, IndexReader& index) {
  std::uint64_t sum = 0;
  RETURN_IF_ERROR(
      range.count_cells(index, CellLevel::Month,
                        [&](base::Timestamp /*start*/, std::uint64_t count) { sum += count; }));
  RETURN_IF_ERROR(range.for_each_edge(
      index, [&](std::uint64_t /*seq*/, std::int64_t /*time*/) -> base::Result<void> {
        ++sum;
        return {};
      }));
  return sum;
}

// What a facet counts: codes of a column, and texts of records that have none.
struct FacetCounts {
  std::vector<std::uint64_t> by_code;  // index = code; what is absent or has no code counts below
  FieldTotalsPointer totals;           // if not null: these stand for by_code
  TextCounts by_text;
  std::uint64_t missing = 0;

  std::span<const std::uint64_t> codes() const {
    return totals != nullptr ? std::span(totals->by_code) : std::span(by_code);
  }
};

// By the cells of a stretch: nothing is left out of them if every value has one.
base::Result<void> count_cells_of(const CellRange& range, IndexReader& index, Slot slot,
                                  FacetCounts& counts) {
  std::uint64_t all = 0;
  RETURN_IF_ERROR(range.for_each_cell(
      index, CellLevel::Month,
      [&](base::Timestamp /*start*/, base::ByteView cell) -> base::Result<void> {
        ASSIGN_OR_RETURN(const std::uint64_t records, find_count(cell, kAllRecords));
        all += records;
        return visit_counts(
            cell, cell_key(slot, kFirstCode),
            cell_key(slot, static_cast<Code>(counts.by_code.size() - 1)),
            [&](KeyCount entry) { counts.by_code[entry.key - cell_key(slot, 0)] += entry.count; });
      }));
  counts.missing = all - std::accumulate(counts.by_code.begin() + kFirstCode, counts.by_code.end(),
                                         std::uint64_t{0});
  return range.for_each_edge(index,
                             [&](std::uint64_t seq, std::int64_t /*time*/) -> base::Result<void> {
                               ASSIGN_OR_RETURN(const Code code, index.code_at(slot, seq));
                               if (code >= counts.by_code.size()) {
                                 return damaged_column();
                               }
                               ++(code == kAbsent ? counts.missing : counts.by_code[code]);
                               return {};
                             });
}

// The stretch whose cells hold every value of the field.
std::optional<CellRange> stretch_of(Matches& matches, Slot slot) {
  const Code codes = matches.index().field(slot).next_code;
  const bool in_cells = kIndexedFields[slot].has_cells && kFirstCode < codes &&
                        codes <= kCellCodesMax &&
                        matches.index().all_listed(slot, matches.plan().bound());
  if (!in_cells) {
    return std::nullopt;
  }
  std::optional<CellRange> range =
      CellRange::of(matches.plan().root(), matches.index(), matches.plan().bound());
  return range.has_value() && range->is_everything() ? std::move(range) : std::nullopt;
}

base::Result<void> count_values(Matches& matches, Slot slot, FacetCounts& counts) {
  if (matches.plan().root().kind == PlanNode::Kind::Everything &&
      matches.index().all_listed(slot, matches.plan().bound())) {
    ASSIGN_OR_RETURN(counts.totals, matches.index().totals(slot));
    counts.missing = matches.plan().bound() - counts.totals->by_code[kAbsent];
    return {};
  }
  counts.by_code.resize(matches.index().field(slot).next_code);
  if (const std::optional<CellRange> range = stretch_of(matches, slot)) {
    return count_cells_of(*range, matches.index(), slot, counts);
  }
  for (std::uint32_t bucket = 0; bucket < matches.bucket_count(); ++bucket) {
    RETURN_IF_ERROR(for_each_value(
        matches, slot, bucket, [&](std::uint64_t, Code code) { ++counts.by_code[code]; },
        [&](std::uint64_t, std::string_view text) { count_one(counts.by_text, text); }));
  }
  counts.missing = std::exchange(counts.by_code[kAbsent], 0);
  return {};
}

void count_text(const event::RecordView& record, const event::FieldRef& field,
                event::FieldScratch& scratch, FacetCounts& counts) {
  const std::optional<std::string_view> text = event::text_of(record, field, scratch);
  if (text.has_value()) {
    count_one(counts.by_text, *text);
  } else {
    ++counts.missing;
  }
}

base::Result<void> count_texts(Matches& matches, const event::FieldRef& field,
                               FacetCounts& counts) {
  event::FieldScratch scratch;
  for (std::uint32_t bucket = 0; bucket < matches.bucket_count(); ++bucket) {
    ASSIGN_OR_RETURN(const SeqSet set, matches.in_bucket(bucket));
    for (const std::uint16_t low : set.list()) {
      ASSIGN_OR_RETURN(const event::RecordView record,
                       matches.row((std::uint64_t{bucket} << kBucketBits) + low));
      count_text(record, field, scratch, counts);
    }
  }
  return {};
}

base::Result<void> count_newest(Matches& matches, std::uint64_t bound, const event::FieldRef& field,
                                FacetCounts& counts) {
  event::FieldScratch scratch;
  return matches.for_each_newest(bound, [&](const TailMatch& match) -> base::Result<void> {
    ASSIGN_OR_RETURN(const event::RecordView record, matches.rows().view(match.seq));
    count_text(record, field, scratch, counts);
    return {};
  });
}

// Values that have a code may have come without it too: in the newest records, and since the field
// gives no codes any more. They are one value, counted by its text from here on. Returns their
// codes, ascending.
std::vector<Code> join_listed(const ValueList& list, event::Field field, FacetCounts& counts) {
  std::vector<Code> joined;
  for (auto& [text, count] : counts.by_text) {
    const std::optional<Code> code = list.find(text, field);
    if (code.has_value() && *code < counts.codes().size()) {
      count += counts.codes()[*code];
      joined.push_back(*code);
    }
  }
  std::sort(joined.begin(), joined.end());
  return joined;
}

// The most frequent values. Of those with codes, which may be many, texts are looked at only of
// what is listed: the list of values knows their order.
base::Result<Facets> rank_counts(Matches& matches, Slot slot, FacetCounts counts,
                                 std::uint64_t limit) {
  struct Ranked {
    std::uint64_t count;
    std::size_t rank;
  };
  const auto before = [](const Ranked& a, const Ranked& b) {
    return a.count != b.count ? a.count > b.count : a.rank < b.rank;
  };
  const event::Field field = kIndexedFields[slot].field;
  ASSIGN_OR_RETURN(const std::shared_ptr<const ValueList> list, matches.index().values(slot));
  const std::vector<Code> joined = join_listed(*list, field, counts);
  const std::span<const std::uint64_t> by_code = counts.codes();
  FirstItems<Ranked, decltype(before)> first(std::max<std::uint64_t>(limit, 1), before);
  std::uint64_t others = 0;
  auto next_joined = joined.begin();
  for (Code code = kFirstCode; code < by_code.size(); ++code) {
    if (next_joined != joined.end() && *next_joined == code) {
      ++next_joined;
      continue;
    }
    others += by_code[code];
    const Ranked* const last = first.last();
    if (by_code[code] > 0 && (last == nullptr || by_code[code] >= last->count)) {
      first.add({by_code[code], list->rank_of(code)});
    }
  }
  std::vector<FacetValue> counted;
  for (const Ranked& ranked : first.take()) {
    counted.push_back({std::string(list->text(ranked.rank)), ranked.count});
    others -= ranked.count;
  }
  for (const auto& [text, count] : counts.by_text) {
    counted.push_back({text, count});
  }
  Facets facets = rank_facets(field, std::move(counted), counts.missing, limit);
  facets.other += others;
  return facets;
}

// Periods that come one after the other mostly lie in the same one.
class PeriodCounter {
 public:
  explicit PeriodCounter(Interval interval) : interval_(interval) {}
  void add(std::int64_t time) {
    if (time < begin_ || time >= end_) {
      count_ = &counts_[start_of(interval_, {time})];
      begin_ = start_of(interval_, {time}).micros;
      // Hours are whole in days and months: a step that never leaves the period.
      end_ = start_of(Interval::Hour, {time}).micros + 3600 * base::kMicrosPerSecond;
    }
    ++*count_;
  }
  // Of a period that lies in one of the interval.
  void add_period(base::Timestamp start, std::uint64_t count) {
    counts_[start_of(interval_, start)] += count;
  }
  std::vector<Bucket> buckets() const {
    std::vector<Bucket> buckets;
    for (const auto& [start, count] : counts_) {
      buckets.push_back({start, count});
    }
    return buckets;
  }

 private:
  Interval interval_;
  std::map<base::Timestamp, std::uint64_t> counts_;
  std::uint64_t* count_ = nullptr;
  std::int64_t begin_ = 0, end_ = 0;
};

CellLevel level_of(Interval interval) {
  switch (interval) {
    case Interval::Hour:
      return CellLevel::Hour;
    case Interval::Day:
      return CellLevel::Day;
    case Interval::Month:
      break;
  }
  return CellLevel::Month;
}

// Segments whose times are all of one period are counted, not read.
base::Result<void> count_periods(Matches& matches, std::uint32_t bucket, Interval interval,
                                 PeriodCounter& counter) {
  ASSIGN_OR_RETURN(const SeqSet set, matches.in_bucket(bucket));
  if (set.empty()) {
    return {};
  }
  ASSIGN_OR_RETURN(const BucketBoundsPointer bounds,
                   matches.index().bounds(TimeColumn::Occurred, bucket));
  const SegmentCounts counts = set.segment_counts();
  for (std::uint32_t i = 0; i < bounds->segments.size(); ++i) {
    if (counts[i] == 0) {
      continue;
    }
    const base::Timestamp start = start_of(interval, {bounds->segments[i].least});
    if (start == start_of(interval, {bounds->segments[i].greatest})) {
      counter.add_period(start, counts[i]);
      continue;
    }
    ASSIGN_OR_RETURN(const std::span<const std::int64_t> times,
                     matches.index().times(TimeColumn::Occurred,
                                           std::uint64_t{bucket} * kSegmentsPerBucket + i));
    for (const std::uint16_t low : set.list_in(i * kSegmentSeqs, (i + 1) * kSegmentSeqs)) {
      counter.add(times[low % kSegmentSeqs]);
    }
  }
  return {};
}

}  // namespace

std::uint64_t indexed_below(const QueryContext& context, std::uint64_t bound) {
  return std::min(bound, context.view.head->indexed);
}

base::Result<std::uint64_t> count_in_index(const QueryContext& context, const query::Filter& filter,
                                           std::uint64_t bound) {
  const std::uint64_t indexed = indexed_below(context, bound);
  ASSIGN_OR_RETURN(const std::unique_ptr<Matches> matches, Matches::make(context, filter, indexed));
  if (matches->plan().root().kind == PlanNode::Kind::Everything) {
    return bound;
  }
  std::uint64_t count = 0;
  RETURN_IF_ERROR(matches->for_each_newest(bound, [&](const TailMatch&) -> base::Result<void> {
    ++count;
    return {};
  }));
  if (const std::optional<std::uint64_t> known = count_from_totals(*matches); known.has_value()) {
    return count + *known;
  }
  if (const auto range = CellRange::of(matches->plan().root(), matches->index(), indexed)) {
    ASSIGN_OR_RETURN(const std::uint64_t counted, count_in_cells(*range, matches->index()));
    return count + counted;
  }
  for (std::uint32_t bucket = 0; bucket < matches->bucket_count(); ++bucket) {
    ASSIGN_OR_RETURN(const SeqSet set, matches->in_bucket(bucket));
    count += set.count();
  }
  return count;
}

base::Result<Facets> facets_in_index(const QueryContext& context, const query::Filter& filter,
                                     const event::FieldRef& field, std::uint64_t limit) {
  const std::uint64_t indexed = context.view.head->indexed;
  ASSIGN_OR_RETURN(const std::unique_ptr<Matches> matches, Matches::make(context, filter, indexed));
  const std::optional<Slot> slot = slot_of(field.field);
  FacetCounts counts;
  if (slot.has_value() && field.path.empty() && kIndexedFields[*slot].has_values) {
    RETURN_IF_ERROR(count_values(*matches, *slot, counts));
    RETURN_IF_ERROR(count_newest(*matches, context.view.size(), field, counts));
    return rank_counts(*matches, *slot, std::move(counts), limit);
  }
  RETURN_IF_ERROR(count_texts(*matches, field, counts));
  RETURN_IF_ERROR(count_newest(*matches, context.view.size(), field, counts));
  std::vector<FacetValue> counted;
  for (const auto& [text, count] : counts.by_text) {
    counted.push_back({text, count});
  }
  return rank_facets(field.field, std::move(counted), counts.missing, limit);
}

base::Result<std::vector<Bucket>> histogram_in_index(const QueryContext& context,
                                                     const query::Filter& filter,
                                                     Interval interval) {
  const std::uint64_t indexed = context.view.head->indexed;
  ASSIGN_OR_RETURN(const std::unique_ptr<Matches> matches, Matches::make(context, filter, indexed));
  PeriodCounter counter(interval);
  RETURN_IF_ERROR(matches->for_each_newest(context.view.size(),
                                           [&](const TailMatch& match) -> base::Result<void> {
                                             counter.add(match.occurred_at);
                                             return {};
                                           }));
  const CellLevel level = level_of(interval);
  if (const auto range = CellRange::of(matches->plan().root(), matches->index(), indexed)) {
    RETURN_IF_ERROR(range->count_cells(
        matches->index(), level,
        [&](base::Timestamp start, std::uint64_t count) { counter.add_period(start, count); }));
    RETURN_IF_ERROR(range->for_each_edge(
        matches->index(), [&](std::uint64_t /*seq*/, std::int64_t time) -> base::Result<void> {
          counter.add(time);
          return {};
        }));
    return counter.buckets();
  }
  for (std::uint32_t bucket = 0; bucket < matches->bucket_count(); ++bucket) {
    RETURN_IF_ERROR(count_periods(*matches, bucket, interval, counter));
  }
  return counter.buckets();
}

}  // namespace piperoll::store::rocks
