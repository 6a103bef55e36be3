#include "dialect/native/users.h"

#include "dialect/native/body_reader.h"
#include "dialect/native/members.h"

namespace piperoll::dialect::native {
namespace {

using base::JsonWriter;
using base::Result;
using operation::Operation;

void write_user(JsonWriter& json, const registry::User& user,
                std::optional<base::Timestamp> last_login) {
  json.begin_object();
  json.member("id", user.id.to_string()).member("email", user.email).member("name", user.name);
  write_roles(json, user.roles);
  write_org_id(json, user.org);
  json.key("enabled").boolean(user.enabled);
  json.member("created_at", base::format_rfc3339_trimmed(user.created_at));
  json.member("password_changed_at", base::format_rfc3339_trimmed(user.password_changed_at));
  write_optional_time(json, "last_used_at", last_login);
  json.end_object();
}

wire::Response encode(int status, const registry::User& user,
                      std::optional<base::Timestamp> last_login) {
  std::string body;
  JsonWriter json(body);
  write_user(json, user, last_login);
  return wire::make_response(status, "application/json", std::move(body));
}

}  // namespace

Result<Operation> read_create_user(std::string_view body) {
  BodyReader reader(body);
  operation::CreateUser create;
  create.email = reader.take_required_text("email");
  create.password = reader.take_required_text("password");
  create.name = reader.take_text("name").value_or("");
  if (auto roles = take_roles(reader)) {
    create.roles = *roles;
  } else {
    reader.fault("/roles", "is required: an array of writer, reader, auditor, admin");
  }
  RETURN_IF_ERROR(reader.finish());
  return Operation(std::move(create));
}

Result<Operation> read_change_user(std::string_view body, std::string_view id) {
  BodyReader reader(body);
  operation::ChangeUser change{.id = std::string(id)};
  change.name = reader.take_text("name");
  change.password = reader.take_text("password");
  change.enabled = reader.take_flag("enabled");
  change.roles = take_roles(reader);
  if (!change.name && !change.password && !change.enabled && !change.roles) {
    reader.fault("", "must have one of name, roles, enabled, password");
  }
  RETURN_IF_ERROR(reader.finish());
  return Operation(std::move(change));
}

wire::Response encode_user_created(const operation::UserCreated& created) {
  return encode(201, *created.user, std::nullopt);
}

wire::Response encode_user_changed(const operation::UserChanged& changed,
                                   const registry::Registry& registry) {
  return encode(200, *changed.user, registry.last_used(changed.user->id));
}

wire::Response encode_users(const operation::UsersListed& listed,
                            const registry::Registry& registry) {
  return encode_list("users", listed.users, [&](JsonWriter& json, const registry::User& user) {
    write_user(json, user, registry.last_used(user.id));
  });
}

}  // namespace piperoll::dialect::native
