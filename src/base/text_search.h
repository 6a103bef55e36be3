#pragma once
// Searching through long texts, many texts in one at once. Pure functions.

#include <cstddef>
#include <string_view>

namespace piperoll::base {

// Where needle begins first at or behind from; npos: nowhere. As std::string_view::find, but a
// vector of bytes at a time, and in time proportional to the text, whatever the two are.
std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from = 0);

std::size_t count_of(std::string_view text, char byte);

}  // namespace piperoll::base
