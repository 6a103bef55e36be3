#include "server/nearest.h"

#include <algorithm>

#include "base/edit_distance.h"

namespace piperoll::server {

std::string nearest_word(std::string_view word, const std::vector<std::string_view>& known) {
  return std::string(*std::min_element(known.begin(), known.end(), [&](auto a, auto b) {
    return base::edit_distance(word, a) < base::edit_distance(word, b);
  }));
}

}  // namespace piperoll::server
