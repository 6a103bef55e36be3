#pragma once
// Canonical JSON objects of an event (context, params) as surfaces show them. Pure functions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace piperoll::dialect {

struct ExtraMember {
  std::string_view name;
  std::optional<std::string_view> value;  // a string; nothing: leaves the object as it is
};

// object (canonical text, "" for none) with the extra members that it does not have itself; what
// is there already wins. "" when nothing is left to show. The result is valid JSON, not canonical.
std::string with_members(std::string_view object, const std::vector<ExtraMember>& extra);

}  // namespace piperoll::dialect
