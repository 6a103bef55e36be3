#include "server/nearest.h"

#include <algorithm>

#include "base/edit_distance.h"

namespace piperoll::server {

std::string nearest_word(std::string_view word, const std::vector<std::string_view>& known) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::string(*std::min_element(known.begin(), known.end(), [&](auto a, auto b) {
    return base::edit_distance(lower, a) < base::edit_distance(lower, b);
  }));
}

}  // namespace piperoll::server
