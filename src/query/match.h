#pragma once
// The reference meaning of filters and orders. Pure functions; slow is fine, right is not optional.

#include <compare>
#include <string_view>

#include "event/record.h"
#include "query/query.h"

namespace piperoll::query {

bool match(const Filter& filter, const event::RecordView& record);
// The same for the text of one field that is there, a number as its digits, already shifted.
// REQUIRES: Equal, In, Contains, Prefix or Exists.
bool match_text(const Filter& filter, std::string_view text);

// The order of two records under a sort, ties broken by seq in the direction of the first term;
// never equal for different seqs. Texts compare by code point (= by byte in UTF-8), numbers and
// times by value.
std::strong_ordering compare(const Sort& sort, const event::RecordView& a,
                             const event::RecordView& b);

}  // namespace piperoll::query
