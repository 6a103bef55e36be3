#pragma once
// Which of a surface's routes a request means. Pure functions.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.h"

namespace piperoll::dialect {

struct RouteMatch {
  enum class Kind { Found, WrongMethod, UnknownPath };
  Kind kind = Kind::UnknownPath;
  std::size_t index = 0;              // Found: of the route
  std::vector<std::string> captures;  // Found: what stands for each {name}, decoded, in order
  std::string allow;                  // WrongMethod: the methods of the path, "GET, POST"
};

// path is as sent: split at '/' first, then decoded. A {name} of a pattern stands for any one
// segment, the empty one too; a {name*} at its end for one or more, joined by '/'. A path that is
// not valid is unknown.
RouteMatch match_route(const std::vector<Route>& routes, std::string_view method,
                       std::string_view path);

// Is path the prefix itself or something below it? "/v1x" is not below "/v1".
bool is_at_or_below(std::string_view path, std::string_view prefix);

}  // namespace piperoll::dialect
