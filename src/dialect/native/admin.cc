#include "dialect/native/admin.h"

#include <charconv>
#include <limits>

#include "base/json.h"
#include "base/uuid.h"
#include "dialect/common/application_body.h"
#include "dialect/native/body_reader.h"
#include "dialect/native/members.h"

namespace piperoll::dialect::native {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using operation::Operation;

// The members that a key shows whenever it is shown; the secret only when it was just made.
void write_key(JsonWriter& json, const registry::Key& key, std::string_view secret,
               std::optional<base::Timestamp> last_used) {
  json.begin_object();
  json.member("id", key.id.to_string());
  if (!secret.empty()) {
    json.member("key", secret);
  }
  json.member("prefix", key.prefix);
  write_roles(json, key.roles);
  write_org_id(json, key.org);
  json.member("name", key.name);
  json.member("created_at", base::format_rfc3339_trimmed(key.created_at));
  write_optional_time(json, "expires_at", key.expires_at);
  if (secret.empty()) {
    write_optional_time(json, "revoked_at", key.revoked_at);
    write_optional_time(json, "last_used_at", last_used);
  }
  json.key("networks").begin_array();
  for (const std::string& network : key.networks) {
    json.string(network);
  }
  json.end_array();
  json.end_object();
}

void write_org(JsonWriter& json, const registry::Organisation& org) {
  json.begin_object();
  json.member("id", org.id.to_string());
  json.member("name", org.name);
  json.key("tenant_id").integer(org.tenant_id);
  json.key("enabled").boolean(org.enabled);
  json.member("created_at", base::format_rfc3339_trimmed(org.created_at));
  json.end_object();
}

}  // namespace

Result<base::Timestamp> parse_expiry(std::string_view text, base::Timestamp now) {
  constexpr std::int64_t kHundredYears = 36'525LL * 86'400;
  if (auto time = base::parse_rfc3339(text)) {
    return *time;
  }
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, number);
  std::int64_t unit = 0;
  if (error == std::errc() && end - at == 1) {
    unit = *at == 's' ? 1 : *at == 'm' ? 60 : *at == 'h' ? 3'600 : *at == 'd' ? 86'400 : 0;
  }
  if (unit == 0 || number < 1 || number > kHundredYears / unit) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "must be a duration like 30s, 15m, 12h or 90d, or an RFC 3339 time"};
  }
  return base::Timestamp{now.micros + number * unit * base::kMicrosPerSecond};
}

Result<Operation> read_create_key(std::string_view body, base::Timestamp now) {
  BodyReader reader(body);
  operation::CreateKey create;
  if (auto roles = take_roles(reader)) {
    create.roles = *roles;
  } else {
    reader.fault("/roles", "is required: an array of writer, reader, auditor, admin");
  }
  create.name = reader.take_text("name").value_or("");
  if (auto networks = reader.take("networks", JsonKind::Array, "must be an array of ranges")) {
    for (const JsonValue& network : networks->elements()) {
      if (network.is(JsonKind::String)) {
        create.networks.emplace_back(network.as_string());
      } else {
        reader.fault("/networks", "must be an array of ranges like 10.0.0.0/8");
      }
    }
  }
  if (auto expires = reader.take_text("expires")) {
    if (auto time = parse_expiry(*expires, now)) {
      create.expires_at = *time;
    } else {
      reader.fault("/expires", time.error().message);
    }
  }
  RETURN_IF_ERROR(reader.finish());
  return Operation(std::move(create));
}

Result<Operation> read_create_application(std::string_view body) {
  BodyReader reader(body);
  operation::CreateApplication create;
  create.key = reader.take_required_text("key");
  create.name = reader.take_required_text("name");
  create.description = reader.take_text("description");
  create.accent_color = reader.take_text("accent_color");
  RETURN_IF_ERROR(reader.finish());
  return Operation(std::move(create));
}

Result<Operation> read_create_org(std::string_view body) {
  BodyReader reader(body);
  operation::CreateOrganisation create;
  create.name = reader.take_required_text("name");
  if (auto id = reader.take_text("id")) {
    if (auto uuid = base::parse_uuid(*id)) {
      create.id = *uuid;
    } else {
      reader.fault("/id", "must be a UUID");
    }
  }
  constexpr const char* kTenantId = "must be a whole number from 1 to 2147483647";
  if (auto number = reader.take("tenant_id", JsonKind::Integer, kTenantId)) {
    const std::int64_t tenant_id = number->as_integer();
    if (tenant_id < 1 || tenant_id > std::numeric_limits<std::int32_t>::max()) {
      reader.fault("/tenant_id", kTenantId);
    } else {
      create.tenant_id = static_cast<std::int32_t>(tenant_id);
    }
  }
  RETURN_IF_ERROR(reader.finish());
  return Operation(std::move(create));
}

Result<Operation> read_change_org(std::string_view body, std::string_view id) {
  BodyReader reader(body);
  operation::SetOrganisationEnabled set{.id = std::string(id)};
  if (auto enabled = reader.take("enabled", JsonKind::Boolean, "must be true or false")) {
    set.enabled = enabled->as_bool();
  } else {
    reader.fault("/enabled", "is required: true or false");
  }
  RETURN_IF_ERROR(reader.finish());
  return Operation(std::move(set));
}

wire::Response encode_key_created(const operation::KeyCreated& created) {
  return encode_one(
      201, [&](JsonWriter& json) { write_key(json, *created.key, created.secret, std::nullopt); });
}

wire::Response encode_keys(const operation::KeysListed& listed,
                           const registry::Registry& registry) {
  return encode_list("keys", listed.keys, [&](JsonWriter& json, const registry::Key& key) {
    write_key(json, key, "", registry.last_used(key.id));
  });
}

wire::Response encode_application_created(const operation::ApplicationCreated& created) {
  return encode_one(201, [&](JsonWriter& json) { write_application(json, *created.application); });
}

wire::Response encode_applications(const operation::ApplicationsListed& listed) {
  return encode_list("applications", listed.applications, write_application);
}

wire::Response encode_org_created(const operation::OrganisationCreated& created) {
  return encode_one(201, [&](JsonWriter& json) { write_org(json, *created.organisation); });
}

wire::Response encode_orgs(const operation::OrganisationsListed& listed) {
  return encode_list("orgs", listed.organisations, write_org);
}

wire::Response encode_org_changed(const operation::OrganisationChanged& changed) {
  return encode_one(200, [&](JsonWriter& json) { write_org(json, *changed.organisation); });
}

}  // namespace piperoll::dialect::native
