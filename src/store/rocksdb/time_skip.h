#pragma once
// TimeSkip: how far the offset of a page reaches into an order by time, found by counting matches
// instead of walking them. Buckets are evaluated from the first on until they must hold the place;
// only segments whose times lie on both sides of it are read. One thread at a time.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "store/rocksdb/index_reader.h"
#include "store/rocksdb/match_source.h"
#include "store/rocksdb/sort_keys.h"

namespace piperoll::store::rocks {

class TimeSkip {
 public:
  // tail: keys of further matches, in no order. All outlive it. REQUIRES: by.kind is Time.
  TimeSkip(const KeyTerm& by, IndexReader& index, MatchSource& source,
           std::span<const SortKey> tail);

  struct Place {
    SortKey from = 0;          // of the first match that is not passed over, or of one before it
    std::uint64_t passed = 0;  // matches whose key is less than that; at most offset
  };
  // Nothing where the index does not know for certain what matches.
  base::Result<std::optional<Place>> find(std::uint64_t offset);

 private:
  // The matches of a bucket that is still far from the place.
  struct Whole {
    SortKey last_key = 0;
    std::uint64_t count = 0;
    std::uint32_t bucket = 0;
  };
  // The matches of a segment, or of the tail.
  struct Part {
    SortKey key = 0, last_key = 0;  // between these lie those of all its records
    std::uint64_t count = 0;
    std::uint64_t segment = 0;
    bool opened = false;
    std::vector<SortKey> keys = {};  // once opened
  };
  struct Window {
    SortKey begin = 0, end = 0;  // [begin, end) holds the place
  };

  base::Result<bool> add_bucket(std::uint32_t bucket);
  base::Result<void> split_from(SortKey begin);
  base::Result<void> split(std::uint32_t bucket);
  std::uint64_t count_wholes() const;
  base::Result<std::span<const SortKey>> open(Part& part);
  // REQUIRES: what may not be before key is split.
  base::Result<std::uint64_t> count_before(SortKey key);
  base::Result<std::optional<Window>> find_window(std::uint64_t offset);
  Window narrowed(Window window, std::uint64_t offset) const;
  base::Result<Place> place_in(Window window, std::uint64_t offset);

  const KeyTerm& by_;
  IndexReader& index_;
  MatchSource& source_;
  std::vector<Whole> wholes_;
  std::vector<Part> parts_;
  std::uint64_t count_ = 0;  // of all these
};

}  // namespace piperoll::store::rocks
