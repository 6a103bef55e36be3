#pragma once
// TextOrder: the first matches in the order of one text field, from the index, for fields whose
// values have no order of their own there (values without a code). Every match is looked at; only
// as many are kept as are wanted. One thread at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/record.h"
#include "query/query.h"
#include "store/rocksdb/first_items.h"
#include "store/rocksdb/matches.h"

namespace piperoll::store::rocks {

class TextOrder {
 public:
  // The field of such an order: one term, of a text field with an index. Nothing for other orders.
  static std::optional<Slot> slot_of_order(const query::Sort& sort);

  // term: the only one of the order; reversed: the opposite order. Keeps the first wanted.
  // REQUIRES: wanted > 0.
  TextOrder(const query::SortTerm& term, bool reversed, Slot slot, std::uint64_t wanted)
      : lowest_(term.absent == query::Absent::Lowest),
        slot_(slot),
        before_{term.descending != reversed},
        first_(wanted, before_) {}

  // Only what comes after the record, or is that record where it is inclusive.
  void begin_at(const event::Record& record, bool inclusive);
  // Their seqs, in the order.
  base::Result<std::vector<std::uint64_t>> first(Matches& matches);

 private:
  struct Item {
    bool absent = false;  // and after every text
    std::string text;
    std::uint64_t seq = 0;
  };
  struct View {
    bool absent = false;
    std::string_view text;
    std::uint64_t seq = 0;
  };
  struct Before {
    bool descending;
    bool operator()(const View& a, const View& b) const;
    bool operator()(const Item& a, const Item& b) const { return (*this)(view_of(a), view_of(b)); }
  };
  static View view_of(const Item& item) { return {item.absent, item.text, item.seq}; }
  void offer(std::optional<std::string_view> text, std::uint64_t seq);

  const bool lowest_;
  const Slot slot_;
  std::optional<Item> begin_;
  bool inclusive_ = false;
  const Before before_;
  FirstItems<Item, Before> first_;
};

}  // namespace piperoll::store::rocks
