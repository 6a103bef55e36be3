#pragma once
// ValueList: the values of one field of one log in their order, with their codes. What readers
// search for substrings and prefixes, and sort by. ValueLists keeps those used last.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/recently_used.h"

namespace piperoll::store::rocks {

// Immutable. Holds the values with codes in [kFirstCode, end_code()); numbers are ordered by value,
// texts by byte.
class ValueList {
 public:
  ValueList() = default;
  // The values of before and those that a newer state of the dictionary has, up to end_code.
  static base::Result<ValueList> extend(const ValueList& before, const Database& database,
                                        const Snapshot& snapshot, LogNumber log, Slot slot,
                                        Code end_code);

  std::size_t size() const { return items_.size(); }
  Code end_code() const { return kFirstCode + static_cast<Code>(items_.size()); }
  std::string_view text(std::size_t rank) const {
    return std::string_view(texts_).substr(items_[rank].text_at, items_[rank].text_bytes);
  }
  Code code(std::size_t rank) const { return items_[rank].code; }
  // REQUIRES: kFirstCode <= code < end_code().
  std::size_t rank_of(Code code) const { return ranks_[code - kFirstCode]; }
  // The code of a text. field: whose values these are.
  std::optional<Code> find(std::string_view wanted, event::Field field) const;
  // The first rank whose text is not less than wanted, byte by byte. Text fields only.
  std::size_t lower_bound(std::string_view wanted) const;
  // Codes of the values whose folded text contains folded_needle, ascending: one search through all
  // texts. REQUIRES: folded_needle == fold_case(folded_needle).
  std::vector<Code> codes_containing(std::string_view folded_needle) const;
  std::size_t memory_bytes() const;

 private:
  struct Item {
    std::uint64_t text_at = 0;
    std::uint32_t text_bytes = 0;
    Code code = kAbsent;
  };
  using Ends = std::vector<std::uint64_t>;
  Ends::const_iterator end_behind(Ends::const_iterator from, std::size_t place) const;

  base::Bytes texts_;
  base::Bytes folded_;  // in the order of codes, each with a NUL behind it
  Ends folded_ends_;    // by code - kFirstCode, behind the NUL
  std::vector<Item> items_;
  std::vector<std::uint32_t> ranks_;  // by code - kFirstCode
};

// Thread-safe.
class ValueLists {
 public:
  explicit ValueLists(std::size_t bytes_max) : kept_(bytes_max) {}

  // With at least the values that view has; perhaps with newer ones, which the caller passes over.
  base::Result<std::shared_ptr<const ValueList>> get(const Database& database, const ReadView& view,
                                                     Slot slot);
  std::size_t memory_bytes() const { return kept_.bytes(); }

 private:
  using Key = std::pair<LogNumber, Slot>;
  RecentlyUsed<Key, ValueList> kept_;
};

}  // namespace piperoll::store::rocks
