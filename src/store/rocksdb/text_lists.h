#pragma once
// BucketTexts: the texts of one full bucket of a field whose values have no code, each once.
// Whoever looks for parts of such texts looks again and again: TextLists keeps what fits, so that
// later searches pass over each distinct text once and read nothing
// (docs/adr/0074-searches-through-values.md).

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/recently_used.h"
#include "store/rocksdb/seq_set.h"
#include "store/rocksdb/text_column.h"
#include "store/rocksdb/value_table.h"

namespace piperoll::store::rocks {

// Immutable.
class BucketTexts {
 public:
  // Collects the segments of a bucket. One thread at a time.
  class Builder {
   public:
    // seed: as of ValueTable.
    explicit Builder(std::uint64_t seed);
    // offset: of the segment in the bucket, greater than those before.
    void add(std::uint32_t offset, const TextSegment& texts);
    BucketTexts finish();

   private:
    struct Place {
      ValueTable::Index text = 0;
      std::uint16_t low = 0;
    };
    ValueTable distinct_;
    std::vector<Place> places_;
    SeqSet unknown_;
  };

  // Records with a text that contains the needle.
  // REQUIRES: folded_needle == fold_case(folded_needle).
  SeqSet find_containing(std::string_view folded_needle) const;
  // Takes away what the segments tell of, as TextSegment::take_known.
  void take_known(SeqSet& unknown) const { unknown &= unknown_; }
  std::size_t memory_bytes() const;

 private:
  base::Bytes folded_;                 // distinct texts, each with a NUL behind it
  std::vector<std::uint32_t> starts_;  // of each text in lows_; one more at the end
  std::vector<std::uint16_t> lows_;
  SeqSet unknown_;  // what no segment tells of
};

// Thread-safe.
class TextLists {
 public:
  explicit TextLists(std::size_t bytes_max);

  using Key = std::tuple<LogNumber, Slot, std::uint32_t>;  // and bucket
  using Pointer = std::shared_ptr<const BucketTexts>;
  Pointer find(const Key& key) { return kept_.find(key); }  // null: not kept
  // Whether one more is worth making. Always while there is room, then now and then: a search
  // through more than there is room for must not throw out what it comes back to.
  bool wants_more();
  void keep(const Key& key, const Pointer& texts);

  std::uint64_t seed() const { return seed_; }
  std::size_t memory_bytes() const { return kept_.bytes(); }

 private:
  std::uint64_t seed_ = 0;
  RecentlyUsed<Key, BucketTexts> kept_;
  std::atomic<std::uint64_t> refused_ = 0;
};

}  // namespace piperoll::store::rocks
