#pragma once
// Copies and compares the short texts that events are made of, in place of calls to the library: a
// call costs more than most of them. Pure functions.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace piperoll::base {

namespace short_bytes {

// One word from the front and one from the back, which overlap unless there are two words of bytes.
template <class Word>
void copy(char* out, std::string_view text) {
  Word front, back;
  std::memcpy(&front, text.data(), sizeof(Word));
  std::memcpy(&back, text.data() + text.size() - sizeof(Word), sizeof(Word));
  std::memcpy(out, &front, sizeof(Word));
  std::memcpy(out + text.size() - sizeof(Word), &back, sizeof(Word));
}

template <class Word>
bool equal(std::string_view a, std::string_view b) {
  Word front_a, front_b, back_a, back_b;
  std::memcpy(&front_a, a.data(), sizeof(Word));
  std::memcpy(&front_b, b.data(), sizeof(Word));
  std::memcpy(&back_a, a.data() + a.size() - sizeof(Word), sizeof(Word));
  std::memcpy(&back_b, b.data() + b.size() - sizeof(Word), sizeof(Word));
  return ((front_a ^ front_b) | (back_a ^ back_b)) == 0;
}

}  // namespace short_bytes

// REQUIRES: room for the text at out, and no overlap. Returns the end of what it wrote.
inline char* copy_text(char* out, std::string_view text) {
  __extension__ using Wide = unsigned __int128;
  if (text.size() > 2 * sizeof(Wide)) {
    std::memcpy(out, text.data(), text.size());
  } else if (text.size() >= sizeof(Wide)) {
    short_bytes::copy<Wide>(out, text);
  } else if (text.size() >= sizeof(std::uint64_t)) {
    short_bytes::copy<std::uint64_t>(out, text);
  } else if (text.size() >= sizeof(std::uint32_t)) {
    short_bytes::copy<std::uint32_t>(out, text);
  } else {
    for (std::size_t i = 0; i < text.size(); ++i) {
      out[i] = text[i];
    }
  }
  return out + text.size();
}

inline bool equal_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  if (a.size() > 2 * sizeof(std::uint64_t)) {
    return a == b;
  }
  if (a.size() >= sizeof(std::uint64_t)) {
    return short_bytes::equal<std::uint64_t>(a, b);
  }
  if (a.size() >= sizeof(std::uint32_t)) {
    return short_bytes::equal<std::uint32_t>(a, b);
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace piperoll::base
