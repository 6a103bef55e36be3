#pragma once
// RowFilter: which rows match a filter. Whoever searches for a text that few records hold should
// not pay for taking the others apart: the bytes of a whole block are searched for what a match
// must hold, then those of a record, before it is decoded.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "event/record.h"
#include "query/filter.h"
#include "store/rocksdb/row_blocks.h"

namespace piperoll::store::rocks {

// What the bytes of every matching record hold, upper-case ASCII folded, its made id as text among
// them. A text that the record does not hold letter by letter (defaults, enumerations, escapes,
// letters that fold to ASCII) is none.
struct NeededText {
  enum class Kind : std::uint8_t { Text, All, Any };
  Kind kind = Kind::Text;
  std::string text = {};  // Text: two bytes or more, printable ASCII
  std::vector<NeededText> children = {};
};
// Nothing: the bytes do not tell.
std::optional<NeededText> needed_text(const query::Filter& filter);
// Appends the bytes in which they are looked for.
void append_folded_row(base::Bytes& out, base::ByteView record);
// folded: one or more rows, so appended. False: none of them matches.
bool may_hold(const NeededText& needed, std::string_view folded);

// One thread at a time.
class RowFilter {
 public:
  // filter outlives it.
  explicit RowFilter(const query::Filter& filter) : filter_(filter), needed_(needed_text(filter)) {}

  // The record if it matches; valid until rows is used again.
  base::Result<std::optional<event::RecordView>> match(RowReader& rows, std::uint64_t seq);

 private:
  base::Result<bool> may_match(RowReader& rows, std::uint64_t seq);
  bool may_match(const RowBlock& block, std::uint64_t seq);
  void look_at(const RowBlock& block);

  const query::Filter& filter_;
  const std::optional<NeededText> needed_;
  std::uint64_t begin_ = 0, end_ = 0;  // seqs of the block looked at last
  bool block_may_match_ = false;
  base::Bytes folded_row_;
  base::Bytes folded_;             // its records, each with its made id behind it
  std::vector<std::size_t> ends_;  // of these
};

}  // namespace piperoll::store::rocks
