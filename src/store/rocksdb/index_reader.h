#pragma once
// IndexReader: what the index of one log holds, at one snapshot. Keeps what it read last, so one
// query should use one reader. One thread at a time.
//
// REQUIRES everywhere: the log is indexed.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/column_reader.h"
#include "store/rocksdb/counts_codec.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/field_totals.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/query_cost.h"
#include "store/rocksdb/seq_set.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/text_column.h"
#include "store/rocksdb/text_lists.h"
#include "store/rocksdb/time_bounds.h"
#include "store/rocksdb/time_segments.h"
#include "store/rocksdb/unposted_columns.h"
#include "store/rocksdb/value_list.h"

namespace piperoll::store::rocks {

// What the queries of a store share.
struct SharedLists {
  ValueLists values{kValueListBytesMax};
  TextLists texts{kTextListBytesMax};
  BoundsLists bounds{kBoundsListBytesMax};
  TimeSegments times{kTimeSegmentBytesMax};
  TotalsLists totals{kFieldTotalsBytesMax};
  UnpostedColumns unposted{kUnpostedColumnBytesMax};

  std::size_t memory_bytes() const {
    return values.memory_bytes() + texts.memory_bytes() + bounds.memory_bytes() +
           times.memory_bytes() + totals.memory_bytes() + unposted.memory_bytes();
  }
};

class IndexReader {
 public:
  // All outlive it. What is read is counted in cost.
  IndexReader(const Database& database, ReadView view, SharedLists& lists, QueryCost& cost)
      : database_(database), view_(std::move(view)), lists_(lists), cost_(cost) {}

  const ReadView& view() const { return view_; }
  QueryCost& cost() { return cost_; }
  std::uint64_t indexed() const { return view_.head->indexed; }
  const FieldHead& field(Slot slot) const { return view_.head->fields[slot]; }
  // Whether every record below bound that has the field has a code in it.
  bool all_listed(Slot slot, std::uint64_t bound) const;

  // The code of a value; nothing if it has none.
  base::Result<std::optional<Code>> code_of(Slot slot, std::string_view value) const;
  // All values; perhaps also newer ones than the view's, whose codes are field(slot).next_code or
  // more.
  base::Result<std::shared_ptr<const ValueList>> values(Slot slot) const;

  // The records of a bucket with a code, kAbsent: with any value.
  base::Result<SeqSet> posting(Slot slot, Code code, std::uint32_t bucket);
  // Those whose code the filter has, found in the column.
  base::Result<SeqSet> in_column(Slot slot, const CodeFilter& filter, std::uint32_t bucket);
  // Else the column tells, which costs about the same for one code as for many.
  bool has_postings(Slot slot, std::uint32_t bucket) const;
  // Records that may have a value without a code, ascending.
  base::Result<std::vector<std::uint64_t>> unlisted(Slot slot, std::string_view value) const;

  // Calls visit with the segments of the bucket that hold texts of values without a code, and where
  // each begins in the bucket. Those of older stores hold none, and those of fields without
  // has_texts tell only which records have no such value.
  using VisitTexts = std::function<base::Result<void>(std::uint32_t offset, const TextSegment&)>;
  base::Result<void> for_each_texts(Slot slot, std::uint32_t bucket, const VisitTexts& visit);
  // The same of a full bucket at once, each text once; null where for_each_texts is the way.
  base::Result<TextLists::Pointer> bucket_texts(Slot slot, std::uint32_t bucket);

  // Records of the bucket that certainly have none of the values at paths (path_value_hash).
  base::Result<SeqSet> without_path_values(std::span<const std::uint32_t> hashes,
                                           std::uint32_t bucket);

  // The codes of a bucket, by the low bits of the seq. Valid until the next call.
  base::Result<std::span<const Code>> codes(Slot slot, std::uint32_t bucket);
  base::Result<Code> code_at(Slot slot, std::uint64_t seq);

  base::Result<BucketBoundsPointer> bounds(TimeColumn column, std::uint32_t bucket);
  // The times of a segment. Valid until the next call.
  base::Result<std::span<const std::int64_t>> times(TimeColumn column, std::uint64_t segment);
  base::Result<std::int64_t> time_at(TimeColumn column, std::uint64_t seq);

  // Records per code, of all that are indexed.
  base::Result<FieldTotalsPointer> totals(Slot slot) const;
  base::Result<std::uint64_t> total(Slot slot, Code code) const;
  // Calls visit with the counts (counts_codec.h) of each period of [first, end) that has any,
  // oldest first.
  using VisitCell = std::function<base::Result<void>(std::uint32_t period, base::ByteView counts)>;
  base::Result<void> for_each_cell(CellLevel level, std::uint32_t first, std::uint32_t end,
                                   const VisitCell& visit) const;

 private:
  struct ColumnState {
    std::optional<ColumnReader> reader;
    std::optional<ColumnReader> texts;
    std::optional<std::uint32_t> bucket;   // of whole
    std::vector<Code> whole;               // a bucket
    std::optional<std::uint64_t> segment;  // of part
    std::vector<Code> part;
  };
  struct TimesState {
    std::optional<std::uint64_t> segment;  // of values
    TimeSegmentPointer values;
    std::shared_ptr<const BoundsList> bounds;  // of full buckets
    std::optional<std::uint32_t> last_bucket;  // of last_bounds
    BucketBoundsPointer last_bounds;           // of the bucket that is growing
  };

  base::Result<SeqSet> in_unposted_column(Slot slot, const CodeFilter& filter,
                                          std::uint32_t bucket);
  ColumnReader& column_reader(Slot slot);
  ColumnReader& text_reader(Slot slot);

  const Database& database_;
  ReadView view_;
  SharedLists& lists_;
  QueryCost& cost_;
  std::array<ColumnState, kSlotCount> columns_;
  std::array<TimesState, 2> times_;
  TextSegment texts_;
  std::optional<ColumnReader> path_values_;
  std::uint32_t texts_collected_ = 0;  // buckets
};

}  // namespace piperoll::store::rocks
