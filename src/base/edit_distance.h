#pragma once
// How far two words are apart, for hints at what a mistyped one means. Pure function.

#include <cstddef>
#include <string_view>

namespace piperoll::base {

// The fewest bytes to insert, delete or replace that make a of b (Levenshtein). Costs the product
// of the lengths: callers bound them.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace piperoll::base
