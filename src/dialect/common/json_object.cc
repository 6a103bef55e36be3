#include "dialect/common/json_object.h"

#include "base/check.h"
#include "base/json.h"

namespace piperoll::dialect {

std::string with_members(std::string_view object, const std::vector<ExtraMember>& extra) {
  base::JsonParser parser;
  base::JsonValue root;
  if (!object.empty()) {
    auto parsed = parser.parse(object);
    CHECK(parsed.has_value());  // it was canonical when it was stored
    root = *parsed;
  }
  std::string body;
  for (const ExtraMember& member : extra) {
    base::JsonValue there;
    if (!member.value || (!object.empty() && root.find(member.name, there))) {
      continue;
    }
    body += ',';
    base::append_canonical_string(body, member.name);
    body += ':';
    base::append_canonical_string(body, *member.value);
  }
  if (body.empty()) {
    return std::string(object);
  }
  // object is "" or "{...}" with at least one member, for empty ones are absent.
  std::string out = object.empty() ? "{" : std::string(object.substr(0, object.size() - 1));
  out.append(body, object.empty() ? 1 : 0);
  return out += '}';
}

}  // namespace piperoll::dialect
