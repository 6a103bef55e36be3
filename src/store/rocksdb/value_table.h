#pragma once
// ValueTable: the values of one field that the applying thread has met, and what it collects for
// each during a batch. One thread at a time.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "store/rocksdb/indexed_fields.h"

namespace piperoll::store::rocks {

struct OpenValue {
  Code code = kAbsent;
  std::uint32_t batch_count = 0;  // records of this batch
};

class ValueTable {
 public:
  // Hashes depend on seed, which callers of the store must not know: else they could choose values
  // that all collide.
  explicit ValueTable(std::uint64_t seed) : seed_(seed) {}

  using Index = std::uint32_t;  // of a value, in the order inserted
  static constexpr Index kNotThere = ~Index{0};
  Index find(std::string_view value) const { return find(value, hash(value)); }
  // find() for each of several: memory is asked for ahead, so that its latency is paid once and not
  // for each. REQUIRES: found as long as values, which are kFoundTogetherMax at most.
  static constexpr std::size_t kFoundTogetherMax = 32;
  void find_each(std::span<const std::string_view> values, std::span<Index> found) const;
  // REQUIRES: not there.
  Index insert(std::string_view value, OpenValue open);

  std::size_t size() const { return entries_.size(); }
  std::string_view text(Index index) const { return text(entries_[index]); }
  OpenValue& at(Index index) { return entries_[index].open; }
  std::size_t memory_bytes() const;

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint64_t text_at = 0;  // in texts_
    std::uint32_t text_bytes = 0;
    OpenValue open = {};
  };
  std::uint64_t hash(std::string_view value) const;
  Index find(std::string_view value, std::uint64_t hash) const;
  std::string_view text(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.text_at, entry.text_bytes);
  }
  void place(std::uint32_t index);
  void grow();

  std::uint64_t seed_;
  std::vector<std::uint32_t> places_;  // index + 1 into entries_; a power of two, at most half full
  std::vector<Entry> entries_;
  base::Bytes texts_;
};

}  // namespace piperoll::store::rocks
