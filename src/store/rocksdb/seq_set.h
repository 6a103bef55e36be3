#pragma once
// SeqSet: a set of the records of one bucket, by the low 16 bits of their seq. A Roaring bitmap
// behind the few names this store needs. Movable, copyable value.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <roaring/roaring.hh>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

using SegmentCounts = std::array<std::uint32_t, kSegmentsPerBucket>;

class SeqSet {
 public:
  SeqSet() = default;
  static SeqSet range(std::uint32_t begin, std::uint32_t end);     // [begin, end)
  static SeqSet of_sorted(std::span<const std::uint16_t> sorted);  // ascending, each once

  void add(std::uint16_t low) { bits_.add(low); }
  void add_range(std::uint32_t begin, std::uint32_t end);

  bool empty() const { return bits_.isEmpty(); }
  std::uint64_t count() const { return bits_.cardinality(); }
  std::uint64_t count_in(std::uint32_t begin, std::uint32_t end) const;
  SegmentCounts segment_counts() const;  // by segment
  std::uint64_t segments() const;        // bit i: it has members in segment i
  bool contains(std::uint16_t low) const { return bits_.contains(low); }
  // Ascending members in [begin, end).
  std::vector<std::uint16_t> list_in(std::uint32_t begin, std::uint32_t end) const;
  std::vector<std::uint16_t> list() const;

  SeqSet& operator&=(const SeqSet& other);
  SeqSet& operator|=(const SeqSet& other);
  SeqSet& operator-=(const SeqSet& other);
  bool operator==(const SeqSet& other) const { return bits_ == other.bits_; }

 private:
  friend void append_set(base::Bytes& out, const SeqSet& set);
  friend base::Result<SeqSet> decode_set(base::ByteView bytes);

  Roaring bits_;
};

// The smallest of the three forms of docs/formats/store.md.
void append_set(base::Bytes& out, const SeqSet& set);
void append_set(base::Bytes& out, std::span<const std::uint16_t> sorted);
base::Result<SeqSet> decode_set(base::ByteView bytes);

}  // namespace piperoll::store::rocks
