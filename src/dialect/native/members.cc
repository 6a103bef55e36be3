#include "dialect/native/members.h"

namespace piperoll::dialect::native {

std::optional<auth::Roles> take_roles(BodyReader& reader) {
  constexpr const char* kWords = "must be an array of writer, reader, auditor, admin";
  auto list = reader.take("roles", base::JsonKind::Array, kWords);
  if (!list) {
    return std::nullopt;
  }
  auth::Roles roles;
  std::size_t index = 0;
  for (const base::JsonValue& value : list->elements()) {
    const std::string pointer = "/roles/" + std::to_string(index++);
    auto role =
        value.is(base::JsonKind::String) ? auth::parse_role(value.as_string()) : std::nullopt;
    if (role) {
      roles.add(*role);
    } else {
      reader.fault(pointer, "must be writer, reader, auditor or admin");
    }
  }
  if (index == 0) {
    reader.fault("/roles", "must name at least one of writer, reader, auditor, admin");
  }
  return roles;
}

void write_roles(base::JsonWriter& json, const auth::Roles& roles) {
  json.key("roles").begin_array();
  for (auth::Role role : roles.list()) {
    json.string(auth::to_string(role));
  }
  json.end_array();
}

void write_org_id(base::JsonWriter& json, const std::optional<base::Uuid>& org) {
  json.key("org_id");
  if (org) {
    json.string(org->to_string());
  } else {
    json.null();
  }
}

void write_optional_time(base::JsonWriter& json, std::string_view name,
                         const std::optional<base::Timestamp>& time) {
  json.key(name);
  if (time) {
    json.string(base::format_rfc3339_trimmed(*time));
  } else {
    json.null();
  }
}

}  // namespace piperoll::dialect::native
