#pragma once
// Columns: one value per record, in segments of kSegmentSeqs records. A stored segment is a
// sequence of parts, each for a run of its records; appending parts is appending bytes. Records
// that no part names have the value 0. Byte tables in docs/formats/store.md. Pure functions.

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/indexed_fields.h"

namespace piperoll::store::rocks {

// What is said of a column that cannot be as it is.
base::Error damaged_column();

// first: index of the first value in its segment. REQUIRES: first + values.size() <= kSegmentSeqs.
void append_codes_part(base::Bytes& out, std::uint32_t first, std::span<const Code> values);
void append_times_part(base::Bytes& out, std::uint32_t first, std::span<const std::int64_t> values);

// Overwrites those of segment that the parts name. REQUIRES: segment.size() == kSegmentSeqs.
// Corruption on anything the functions above cannot have made.
base::Result<void> read_codes(base::ByteView parts, std::span<Code> segment);
base::Result<void> read_times(base::ByteView parts, std::span<std::int64_t> segment);

// Which codes of a column are looked for. Immutable.
class CodeFilter {
 public:
  CodeFilter() = default;                            // every code of a record that has the field
  explicit CodeFilter(std::span<const Code> codes);  // REQUIRES: ascending, none is kAbsent
  bool has(Code code) const {
    if (bits_.empty()) {
      return code != kAbsent;
    }
    return code / kWordBits < bits_.size() && (bits_[code / kWordBits] >> code % kWordBits & 1U);
  }
  // The codes, where they are few enough to be looked for one after the other; else empty.
  std::span<const Code> few() const { return few_; }

 private:
  static constexpr std::uint32_t kWordBits = 64;
  std::vector<std::uint64_t> bits_;  // by code; empty: any
  std::vector<Code> few_;
};
// Appends offset + the place in the segment of each value that the filter has. A part that has none
// of them is passed over by its list of codes alone. Corruption as read_codes().
base::Result<void> find_codes(base::ByteView parts, const CodeFilter& filter, std::uint32_t offset,
                              std::vector<std::uint16_t>& lows);
// The same of codes that were read before, of any number of segments from the first of a bucket on.
void find_codes(std::span<const Code> codes, const CodeFilter& filter,
                std::vector<std::uint16_t>& lows);

// Least and greatest time of each segment of a bucket; empty segments have none.
struct TimeBounds {
  std::int64_t least = 0, greatest = -1;
  bool empty() const { return greatest < least; }
  void add(std::int64_t time);
  bool operator==(const TimeBounds&) const = default;
};
// By segment, the last ones left out when empty. REQUIRES: none is empty before one that is not.
base::Bytes encode_bounds(std::span<const TimeBounds> segments);
base::Result<std::vector<TimeBounds>> decode_bounds(base::ByteView bytes);

}  // namespace piperoll::store::rocks
