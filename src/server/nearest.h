#pragma once
// The known word that a mistyped one most likely means. Pure function.

#include <string>
#include <string_view>
#include <vector>

namespace piperoll::server {

// By the fewest letters to change. REQUIRES: !known.empty()
std::string nearest_word(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace piperoll::server
