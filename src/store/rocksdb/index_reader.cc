#include "store/rocksdb/index_reader.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"
#include "store/rocksdb/hashed_values.h"
#include "store/rocksdb/path_values.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// Texts of a bucket, with those that come again: longer ones are not worth the memory it takes to
// collect them.
constexpr std::size_t kCollectedBytesMax = 8 << 20;

base::Error damaged(const std::string& what) {
  return {.kind = base::ErrorKind::Corruption,
          .message = what + " of the index is damaged",
          .code = "damaged_index"};
}

std::uint8_t number_of(Slot slot) {
  return kIndexedFields[slot].number;
}

base::ByteView view(const rocksdb::PinnableSlice& slice) {
  return {slice.data(), slice.size()};
}

}  // namespace

bool IndexReader::all_listed(Slot slot, std::uint64_t bound) const {
  return kIndexedFields[slot].has_values && field(slot).stopped_at >= bound;
}

base::Result<std::optional<Code>> IndexReader::code_of(Slot slot, std::string_view value) const {
  rocksdb::PinnableSlice stored;
  ASSIGN_OR_RETURN(
      const bool found,
      database_.find(Family::Dict, value_key(view_.head->number, number_of(slot), value),
                     view_.snapshot, stored));
  if (!found) {
    return std::optional<Code>();
  }
  base::Decoder decoder(rocks::view(stored));
  const auto code = static_cast<Code>(decoder.varint());
  if (!decoder.ok() || !decoder.at_end()) {
    return damaged("the code of a value");
  }
  return std::optional<Code>(code);
}

base::Result<std::shared_ptr<const ValueList>> IndexReader::values(Slot slot) const {
  return lists_.values.get(database_, view_, slot);
}

bool IndexReader::has_postings(Slot slot, std::uint32_t bucket) const {
  const Posted& posted = view_.head->posted;
  return bucket < posted.buckets || (bucket == posted.buckets && slot < posted.slots);
}

base::Result<SeqSet> IndexReader::posting(Slot slot, Code code, std::uint32_t bucket) {
  if (!has_postings(slot, bucket)) {
    return in_column(slot, code == kAbsent ? CodeFilter() : CodeFilter(std::span(&code, 1)),
                     bucket);
  }
  ++cost_.postings;
  rocksdb::PinnableSlice stored;
  ASSIGN_OR_RETURN(
      const bool found,
      database_.find(Family::Post, posting_key(view_.head->number, number_of(slot), code, bucket),
                     view_.snapshot, stored));
  if (!found) {
    return SeqSet();
  }
  return decode_set(rocks::view(stored));
}

base::Result<SeqSet> IndexReader::in_column(Slot slot, const CodeFilter& filter,
                                            std::uint32_t bucket) {
  ++cost_.columns;
  if (!has_postings(slot, bucket)) {
    return in_unposted_column(slot, filter, bucket);
  }
  ASSIGN_OR_RETURN(const std::vector<std::uint16_t> lows,
                   column_reader(slot).find_in_bucket(bucket, filter));
  return SeqSet::of_sorted(lows);
}

// Every filter asks for these columns: what cannot change of them is kept, the last segment read.
base::Result<SeqSet> IndexReader::in_unposted_column(Slot slot, const CodeFilter& filter,
                                                     std::uint32_t bucket) {
  std::vector<std::uint16_t> lows;
  const std::uint32_t full = full_segments(view_, bucket);
  if (full > 0) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const Codes> codes,
                     lists_.unposted.get(database_, view_, slot, bucket));
    find_codes(std::span(*codes).first(std::size_t{full} * kSegmentSeqs), filter, lows);
  }
  if (full < kSegmentsPerBucket) {
    rocksdb::PinnableSlice stored;
    ASSIGN_OR_RETURN(const bool found,
                     database_.find(Family::Codes,
                                    codes_key(view_.head->number, number_of(slot),
                                              std::uint64_t{bucket} * kSegmentsPerBucket + full),
                                    view_.snapshot, stored));
    if (found) {
      RETURN_IF_ERROR(find_codes(rocks::view(stored), filter, full * kSegmentSeqs, lows));
    }
  }
  return SeqSet::of_sorted(lows);
}

ColumnReader& IndexReader::column_reader(Slot slot) {
  std::optional<ColumnReader>& reader = columns_[slot].reader;
  return reader ? *reader
                : reader.emplace(database_, view_.snapshot,
                                 codes_prefix(view_.head->number, number_of(slot)));
}

ColumnReader& IndexReader::text_reader(Slot slot) {
  std::optional<ColumnReader>& reader = columns_[slot].texts;
  return reader ? *reader
                : reader.emplace(database_, view_.snapshot,
                                 texts_prefix(view_.head->number, number_of(slot)),
                                 Cursor::Cache::Leave);
}

base::Result<SeqSet> IndexReader::without_path_values(std::span<const std::uint32_t> hashes,
                                                      std::uint32_t bucket) {
  ++cost_.columns;
  if (!path_values_.has_value()) {
    path_values_.emplace(database_, view_.snapshot, path_values_prefix(view_.head->number));
  }
  SeqSet without;
  RETURN_IF_ERROR(
      path_values_->for_each_segment(bucket, [&](std::uint32_t segment, base::ByteView parts) {
        return find_without(parts, hashes, segment * kSegmentSeqs, without);
      }));
  return without;
}

base::Result<void> IndexReader::for_each_texts(Slot slot, std::uint32_t bucket,
                                               const VisitTexts& visit) {
  ++cost_.columns;
  return text_reader(slot).for_each_segment(
      bucket, [&](std::uint32_t segment, base::ByteView parts) -> base::Result<void> {
        RETURN_IF_ERROR(texts_.read(parts));
        return visit(segment * kSegmentSeqs, texts_);
      });
}

base::Result<TextLists::Pointer> IndexReader::bucket_texts(Slot slot, std::uint32_t bucket) {
  if (bucket >= indexed() >> kBucketBits) {
    return TextLists::Pointer();
  }
  const TextLists::Key key{view_.head->number, slot, bucket};
  TextLists::Pointer texts = lists_.texts.find(key);
  if (texts != nullptr || texts_collected_ == kTextBucketsPerQuery || !lists_.texts.wants_more()) {
    return texts;
  }
  ++texts_collected_;
  BucketTexts::Builder builder(lists_.texts.seed());
  std::size_t bytes = 0;
  RETURN_IF_ERROR(for_each_texts(
      slot, bucket, [&](std::uint32_t offset, const TextSegment& part) -> base::Result<void> {
        bytes += part.text_bytes();
        if (bytes <= kCollectedBytesMax) {
          builder.add(offset, part);
        }
        return {};
      }));
  if (bytes > kCollectedBytesMax) {
    return TextLists::Pointer();
  }
  texts = std::make_shared<const BucketTexts>(builder.finish());
  lists_.texts.keep(key, texts);
  return texts;
}

base::Result<std::vector<std::uint64_t>> IndexReader::unlisted(Slot slot,
                                                               std::string_view value) const {
  const LogNumber log = view_.head->number;
  const Code hash = hash_of(value);
  std::uint32_t bucket =
      view_.head->posted.buckets + (has_postings(slot, view_.head->posted.buckets) ? 1 : 0);
  ASSIGN_OR_RETURN(std::vector<std::uint64_t> seqs,
                   find_hash(database_, view_.snapshot, log, number_of(slot), hash, bucket));
  std::vector<Code> column;
  for (; std::uint64_t{bucket} << kBucketBits < indexed(); ++bucket) {
    column.assign(kBucketSeqs, 0);
    RETURN_IF_ERROR(
        read_hashes_of(database_, view_.snapshot, log, number_of(slot), bucket, column));
    for (std::uint32_t low = 0; low < kBucketSeqs; ++low) {
      if (column[low] == hash) {
        seqs.push_back((std::uint64_t{bucket} << kBucketBits) + low);
      }
    }
  }
  return seqs;
}

base::Result<std::span<const Code>> IndexReader::codes(Slot slot, std::uint32_t bucket) {
  ColumnState& state = columns_[slot];
  if (state.bucket == bucket) {
    return std::span<const Code>(state.whole);
  }
  ++cost_.columns;
  state.bucket.reset();
  state.whole.assign(kBucketSeqs, kAbsent);
  RETURN_IF_ERROR(column_reader(slot).read_bucket(bucket, state.whole));
  state.bucket = bucket;
  return std::span<const Code>(state.whole);
}

base::Result<Code> IndexReader::code_at(Slot slot, std::uint64_t seq) {
  ColumnState& state = columns_[slot];
  if (state.bucket == seq >> kBucketBits) {
    return state.whole[seq % kBucketSeqs];
  }
  const std::uint64_t segment = seq >> kSegmentBits;
  if (state.segment != segment) {
    ++cost_.segments;
    state.segment.reset();
    state.part.resize(kSegmentSeqs);
    RETURN_IF_ERROR(read_code_segment(database_, view_.snapshot, view_.head->number,
                                      number_of(slot), segment, state.part));
    state.segment = segment;
  }
  return state.part[seq % kSegmentSeqs];
}

base::Result<BucketBoundsPointer> IndexReader::bounds(TimeColumn column, std::uint32_t bucket) {
  TimesState& state = times_[static_cast<std::size_t>(column)];
  if (bucket < indexed() >> kBucketBits) {
    if (state.bounds == nullptr) {
      ASSIGN_OR_RETURN(state.bounds, lists_.bounds.get(database_, view_, column));
    }
    return (*state.bounds)[bucket];
  }
  if (state.last_bucket != bucket) {
    ASSIGN_OR_RETURN(state.last_bounds,
                     read_bounds(database_, view_.snapshot, view_.head->number, column, bucket));
    state.last_bucket = bucket;
  }
  return state.last_bounds;
}

base::Result<std::span<const std::int64_t>> IndexReader::times(TimeColumn column,
                                                               std::uint64_t segment) {
  TimesState& state = times_[static_cast<std::size_t>(column)];
  if (state.segment != segment) {
    state.segment.reset();
    ASSIGN_OR_RETURN(state.values, lists_.times.get(database_, view_, column, segment, cost_));
    state.segment = segment;
  }
  return std::span<const std::int64_t>(*state.values);
}

base::Result<std::int64_t> IndexReader::time_at(TimeColumn column, std::uint64_t seq) {
  ASSIGN_OR_RETURN(const std::span<const std::int64_t> segment, times(column, seq >> kSegmentBits));
  return segment[seq % kSegmentSeqs];
}

base::Result<FieldTotalsPointer> IndexReader::totals(Slot slot) const {
  return lists_.totals.get(database_, view_, slot, cost_);
}

base::Result<std::uint64_t> IndexReader::total(Slot slot, Code code) const {
  rocksdb::PinnableSlice stored;
  ASSIGN_OR_RETURN(const bool found, database_.find(Family::Roll,
                                                    totals_key(view_.head->number, number_of(slot),
                                                               code / kTotalsPerChunk),
                                                    view_.snapshot, stored));
  ++cost_.cells;
  if (!found) {
    return std::uint64_t{0};
  }
  return find_count(rocks::view(stored), code % kTotalsPerChunk);
}

base::Result<void> IndexReader::for_each_cell(CellLevel level, std::uint32_t first,
                                              std::uint32_t end, const VisitCell& visit) const {
  if (first >= end) {
    return {};
  }
  Cursor cursor(database_, Family::Roll, view_.snapshot,
                cells_key(view_.head->number, level, first),
                cells_key(view_.head->number, level, end));
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    const std::optional<std::uint32_t> period = parse_cells_key(cursor.key());
    if (!period.has_value()) {
      return damaged("a cell");
    }
    ++cost_.cells;
    RETURN_IF_ERROR(visit(*period, cursor.value()));
  }
  return cursor.status();
}

}  // namespace piperoll::store::rocks
