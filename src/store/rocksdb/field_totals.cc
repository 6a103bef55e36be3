#include "store/rocksdb/field_totals.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/column_reader.h"
#include "store/rocksdb/counts_codec.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// Nodes of a list and of a map, and a block of counts.
constexpr std::size_t kBytesOfAnEntry = sizeof(FieldTotals) + 256;

base::Error damaged_total() {
  return {.kind = base::ErrorKind::Corruption,
          .message = "a total of the index is damaged",
          .code = "damaged_index"};
}

base::Result<FieldTotals> read_totals(const Database& database, const ReadView& view, Slot slot,
                                      QueryCost& cost) {
  FieldTotals totals{.indexed = view.head->indexed};
  totals.by_code.resize(view.head->fields[slot].next_code);
  const base::Bytes prefix = totals_prefix(view.head->number, kIndexedFields[slot].number);
  Cursor cursor(database, Family::Roll, view.snapshot, prefix, end_of(prefix));
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    const std::optional<std::uint32_t> chunk = parse_totals_key(cursor.key());
    ++cost.cells;
    ASSIGN_OR_RETURN(const Counts counts, decode_counts(cursor.value()));
    for (const KeyCount& entry : counts) {
      const std::uint64_t code =
          std::uint64_t{chunk.value_or(~std::uint32_t{0})} * kTotalsPerChunk + entry.key;
      if (code >= totals.by_code.size()) {
        return damaged_total();
      }
      totals.by_code[code] = entry.count;
    }
  }
  RETURN_IF_ERROR(cursor.status());
  return totals;
}

// Adds records by what they have in the column. Values without a code count as present alone.
base::Result<void> count_codes(std::span<const Code> codes, FieldTotals& totals) {
  for (const Code code : codes) {
    if (code >= totals.by_code.size()) {
      return damaged_column();
    }
    totals.by_code[kAbsent] += code == kAbsent ? 0 : 1;
    totals.by_code[code] += code < kFirstCode ? 0 : 1;
  }
  return {};
}

// As they were when fewer records were indexed, with those that came since.
base::Result<FieldTotals> count_on(const FieldTotals& before, const Database& database,
                                   const ReadView& view, Slot slot, QueryCost& cost) {
  FieldTotals totals{.indexed = view.head->indexed, .by_code = before.by_code};
  totals.by_code.resize(view.head->fields[slot].next_code);
  std::array<Code, kSegmentSeqs> codes;
  for (std::uint64_t seq = before.indexed; seq < totals.indexed;) {
    const std::uint64_t segment = seq >> kSegmentBits;
    const std::uint64_t begin = segment << kSegmentBits;
    const std::uint64_t end = std::min(begin + kSegmentSeqs, totals.indexed);
    ++cost.segments;
    RETURN_IF_ERROR(read_code_segment(database, view.snapshot, view.head->number,
                                      kIndexedFields[slot].number, segment, codes));
    RETURN_IF_ERROR(count_codes(std::span(codes).subspan(seq - begin, end - seq), totals));
    seq = end;
  }
  return totals;
}

// A segment costs about what a key of totals does.
bool is_sooner_counted_on(const FieldTotals& before, const ReadView& view, Slot slot) {
  if (before.indexed > view.head->indexed) {
    return false;  // a newer view was asked
  }
  const std::uint64_t segments =
      (view.head->indexed >> kSegmentBits) - (before.indexed >> kSegmentBits) + 1;
  return segments <= view.head->fields[slot].next_code / kTotalsPerChunk + 1;
}

}  // namespace

base::Result<FieldTotalsPointer> TotalsLists::get(const Database& database, const ReadView& view,
                                                  Slot slot, QueryCost& cost) {
  const Key key{view.head->number, slot};
  const FieldTotalsPointer known = kept_.find(key);
  if (known != nullptr && known->indexed == view.head->indexed) {
    return known;
  }
  const bool counts_on = known != nullptr && is_sooner_counted_on(*known, view, slot);
  ASSIGN_OR_RETURN(FieldTotals totals, counts_on ? count_on(*known, database, view, slot, cost)
                                                 : read_totals(database, view, slot, cost));
  auto made = std::make_shared<const FieldTotals>(std::move(totals));
  kept_.keep(key, made, kBytesOfAnEntry + made->by_code.capacity() * sizeof(std::uint64_t),
             [&](const FieldTotals& other) { return other.indexed >= made->indexed; });
  return made;
}

}  // namespace piperoll::store::rocks
