#pragma once
// Claims of tokens, as JSON text.

#include <string>
#include <utility>
#include <vector>

namespace piperoll::auth::testing {

using ClaimList = std::vector<std::pair<std::string, std::string>>;  // values are JSON

// An object of the members, in their order; a change takes the place of the member of that name, at
// the end, and an empty one leaves it out.
inline std::string claims_json(ClaimList members, const ClaimList& changes = {}) {
  for (const auto& [name, value] : changes) {
    std::erase_if(members, [&](const auto& member) { return member.first == name; });
    if (!value.empty()) {
      members.emplace_back(name, value);
    }
  }
  std::string json = "{";
  for (const auto& [name, value] : members) {
    json += (json.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
  }
  return json + "}";
}

}  // namespace piperoll::auth::testing
