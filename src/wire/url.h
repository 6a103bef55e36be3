#pragma once
// Paths and queries of request targets. Pure functions.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace piperoll::wire {

// %XX -> byte. Nothing on a broken escape. plus_is_space: as in form queries.
enum class Plus { Literal, Space };
std::optional<std::string> percent_decode(std::string_view text, Plus plus);
std::string percent_encode(std::string_view text);  // all but unreserved (RFC 3986 2.3)

using Parameters = std::vector<std::pair<std::string, std::string>>;

// name=value pairs separated by '&', decoded, in order; a name without '=' has an empty value,
// empty pieces are skipped. InvalidArgument naming the parameter on a broken escape or invalid
// UTF-8.
base::Result<Parameters> parse_query(std::string_view query);
// The same as forgiving frameworks do it: a broken escape stands for itself, and U+FFFD for what is
// no UTF-8. So a bad value stays a bad value: whoever knows the parameter refuses it or finds
// nothing, and does not answer as if it were not there.
Parameters parse_query_leniently(std::string_view query);

// The first value of name, or nothing.
std::optional<std::string_view> find(const Parameters& parameters, std::string_view name);

// "/v1/events/a%2Fb" -> {"v1","events","a/b"}: split first, then decoded. A trailing or doubled '/'
// gives an empty segment. Nothing on a broken escape, a NUL, or invalid UTF-8.
std::optional<std::vector<std::string>> split_path(std::string_view path);

}  // namespace piperoll::wire
