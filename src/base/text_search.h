#pragma once
// Searching through long texts, many texts in one at once. Pure functions.

#include <cstddef>
#include <string_view>

namespace piperoll::base {

// Where needle begins first at or behind from; npos: nowhere. As std::string_view::find, but a
// vector of bytes at a time, and in time proportional to the text, whatever the two are.
std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from = 0);

// Is needle in text, byte by byte? Unlike find() of a view, which compares the needle at every
// place where it may begin, whoever chooses text and needle cannot make this cost their product.
inline bool contains(std::string_view text, std::string_view needle) {
  return find_text(text, needle) != std::string_view::npos;
}

std::size_t count_of(std::string_view text, char byte);

}  // namespace piperoll::base
