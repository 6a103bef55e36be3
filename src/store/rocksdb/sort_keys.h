#pragma once
// SortKeys: the order of a page as whole numbers, read from the columns of the index. The smaller
// keys come first, whatever the direction of the term.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "query/query.h"
#include "store/rocksdb/index_reader.h"

namespace piperoll::store::rocks {

using SortKey = std::int64_t;

struct KeyTerm {
  enum class Kind : std::uint8_t { Seq, Time, Values };
  Kind kind = Kind::Seq;
  bool descending = false;
  TimeColumn column = TimeColumn::Occurred;
  Slot slot = 0;
  SortKey absent = 0;                          // Values: key of records without the field
  bool absent_is_lowest = false;               // and of those with "", if it is the lowest
  std::shared_ptr<const ValueList> list = {};  // Values

  SortKey of_number(std::int64_t number) const { return descending ? -number : number; }
  // Values. code: of a listed value, or kAbsent.
  SortKey of_code(Code code) const {
    return code == kAbsent ? absent : of_rank(list->rank_of(code));
  }
  // Even numbers, so that there is room for values that the list does not have.
  SortKey of_rank(std::size_t rank) const { return of_number(2 * static_cast<std::int64_t>(rank)); }
  SortKey before_rank(std::size_t rank) const {
    return of_number(2 * static_cast<std::int64_t>(rank) - 1);
  }
};

class SortKeys {
 public:
  // Nothing when a term cannot be read from columns for all records below bound. reversed: the
  // opposite order.
  static base::Result<std::optional<SortKeys>> make(const query::Sort& sort, bool reversed,
                                                    IndexReader& index, std::uint64_t bound);

  std::size_t size() const { return terms_.size(); }
  const KeyTerm& term(std::size_t i) const { return terms_[i]; }
  // Ties of all terms: whether the greater seq comes first.
  bool seq_descending() const { return seq_descending_; }
  base::Result<SortKey> key(std::size_t term, std::uint64_t seq, IndexReader& index) const;
  // The place of a record that may have values which no indexed record has.
  SortKey key_of(std::size_t term, const event::Record& record) const;

 private:
  std::vector<KeyTerm> terms_;
  bool seq_descending_ = false;
};

}  // namespace piperoll::store::rocks
