#pragma once
// Members that bodies of keys, users and sessions share. Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "auth/roles.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "dialect/native/body_reader.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// "roles": faults for an empty one and for words that are none; nothing where the member is absent.
std::optional<auth::Roles> take_roles(BodyReader& reader);

void write_roles(base::JsonWriter& json, const auth::Roles& roles);
void write_org_id(base::JsonWriter& json, const std::optional<base::Uuid>& org);
void write_optional_time(base::JsonWriter& json, std::string_view name,
                         const std::optional<base::Timestamp>& time);

// {name: [each item as write makes it]}
template <class Items, class Write>
wire::Response encode_list(std::string_view name, const Items& items, Write write) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object().key(name).begin_array();
  for (const auto& item : items) {
    write(json, *item);
  }
  json.end_array().end_object();
  return wire::make_response(200, "application/json", std::move(body));
}

template <class Write>
wire::Response encode_one(int status, Write write) {
  std::string body;
  base::JsonWriter json(body);
  write(json);
  return wire::make_response(status, "application/json", std::move(body));
}

}  // namespace piperoll::dialect::native
