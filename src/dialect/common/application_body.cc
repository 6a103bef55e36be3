#include "dialect/common/application_body.h"

namespace piperoll::dialect {
namespace {

void write_optional(base::JsonWriter& json, std::string_view name,
                    const std::optional<std::string>& value) {
  json.key(name);
  if (value) {
    json.string(*value);
  } else {
    json.null();
  }
}

}  // namespace

void write_application(base::JsonWriter& json, const registry::Application& application) {
  json.begin_object();
  json.member("id", application.id.to_string());
  json.member("key", application.key);
  json.member("name", application.name);
  json.member("created_at", base::format_rfc3339(application.created_at));
  json.member("updated_at", base::format_rfc3339(application.updated_at));
  write_optional(json, "description", application.description);
  write_optional(json, "accent_color", application.accent_color);
  json.key("param_count").integer(0);
  json.end_object();
}

}  // namespace piperoll::dialect
