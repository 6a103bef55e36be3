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

// first: index of the first value in its segment. REQUIRES: first + values.size() <= kSegmentSeqs.
void append_codes_part(base::Bytes& out, std::uint32_t first, std::span<const Code> values);
void append_times_part(base::Bytes& out, std::uint32_t first, std::span<const std::int64_t> values);

// Overwrites those of segment that the parts name. REQUIRES: segment.size() == kSegmentSeqs.
// Corruption on anything the functions above cannot have made.
base::Result<void> read_codes(base::ByteView parts, std::span<Code> segment);
base::Result<void> read_times(base::ByteView parts, std::span<std::int64_t> segment);

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
