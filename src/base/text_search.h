#pragma once
// Searching through long texts, many texts in one at once. Pure functions.

#include <cstddef>
#include <string_view>

#include "base/check.h"

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

// Calls visit with the index of each text that contains the needle, ascending; with none where the
// needle holds a NUL. REQUIRES: each of the texts, one behind the other, ends with a NUL and has no
// other.
template <class Visit>
void for_each_text_with(std::string_view texts, std::string_view needle, Visit visit) {
  DCHECK(texts.empty() || texts.back() == '\0');
  if (needle.find('\0') != std::string_view::npos) {
    return;
  }
  std::size_t index = 0;  // of the text that begins at `at`
  for (std::size_t at = 0; at < texts.size(); ++index) {
    const std::size_t found = find_text(texts, needle, at);
    if (found == std::string_view::npos) {
      return;
    }
    index += count_of(texts.substr(at, found - at), '\0');
    visit(index);
    at = texts.find('\0', found) + 1;
  }
}

}  // namespace piperoll::base
