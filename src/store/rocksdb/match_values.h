#pragma once
// The values that matching records have in one field, from the index: codes of those that have one,
// texts of the others. What facets are counted and orders made from.

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/matches.h"

namespace piperoll::store::rocks {

// kAbsent, or a code below index().field(slot).next_code.
using VisitCode = std::function<void(std::uint64_t seq, Code code)>;
using VisitText = std::function<void(std::uint64_t seq, std::string_view text)>;

// Calls one of them for each match of the bucket. Corruption for a code that there is not.
// REQUIRES: the field has values.
base::Result<void> for_each_value(Matches& matches, Slot slot, std::uint32_t bucket,
                                  const VisitCode& visit_code, const VisitText& visit_text);

}  // namespace piperoll::store::rocks
