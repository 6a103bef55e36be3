#pragma once
// How often each of many texts was seen.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace piperoll::store::rocks {

// Found by a view, so that only a new text is copied.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
using TextCounts = std::unordered_map<std::string, std::uint64_t, TextHash, std::equal_to<>>;

inline void count_one(TextCounts& counts, std::string_view text) {
  const auto found = counts.find(text);
  if (found == counts.end()) {
    counts.emplace(text, 1);
  } else {
    ++found->second;
  }
}

}  // namespace piperoll::store::rocks
