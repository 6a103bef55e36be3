#include "dialect/common/route_match.h"

#include <optional>
#include <utility>

#include "wire/url.h"

namespace piperoll::dialect {
namespace {

using Segments = std::vector<std::string>;

// The captured segments when the path has the form of the pattern.
std::optional<Segments> captures_of(std::string_view pattern, const Segments& path) {
  Segments captures;
  bool takes_rest = false;  // the last capture takes what follows, too
  for (const std::string& segment : path) {
    if (takes_rest) {
      captures.back().append("/").append(segment);
      continue;
    }
    if (pattern.empty()) {
      return std::nullopt;
    }
    pattern.remove_prefix(1);
    std::string_view wanted = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(wanted.size());
    if (wanted.starts_with('{')) {
      captures.push_back(segment);
      takes_rest = wanted.ends_with("*}");
    } else if (wanted != segment) {
      return std::nullopt;
    }
  }
  if (!pattern.empty()) {
    return std::nullopt;
  }
  return captures;
}

}  // namespace

RouteMatch match_route(const std::vector<Route>& routes, std::string_view method,
                       std::string_view path) {
  RouteMatch match;
  std::optional<Segments> segments = wire::split_path(path);
  if (!segments) {
    return match;
  }
  for (std::size_t i = 0; i < routes.size(); ++i) {
    std::optional<Segments> captures = captures_of(routes[i].pattern, *segments);
    if (!captures) {
      continue;
    }
    if (routes[i].method == method) {
      match.kind = RouteMatch::Kind::Found;
      match.index = i;
      match.captures = *std::move(captures);
      return match;
    }
    match.kind = RouteMatch::Kind::WrongMethod;
    const std::string_view also = routes[i].method == "GET" ? ", HEAD" : "";
    match.allow.append(match.allow.empty() ? "" : ", ").append(routes[i].method).append(also);
  }
  return match;
}

bool is_at_or_below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace piperoll::dialect
