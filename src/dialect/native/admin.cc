#include "dialect/native/admin.h"

#include <charconv>
#include <limits>

#include "base/json.h"
#include "base/uuid.h"
#include "dialect/common/application_body.h"

namespace piperoll::dialect::native {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using operation::Operation;

// The members of a small JSON object, and the faults found in them.
class BodyReader {
 public:
  explicit BodyReader(std::string_view body) {
    auto parsed = parser_.parse(body);
    if (!parsed) {
      error_ = std::move(parsed).error();
    } else if (!parsed->is(JsonKind::Object)) {
      fault("", "must be a JSON object");
    } else {
      members_ = parsed->members().list();
    }
  }

  void fault(std::string pointer, std::string detail) {
    faults_.push_back({std::move(pointer), std::move(detail)});
  }

  // Nothing if absent, null or of another kind (a fault).
  std::optional<JsonValue> take(std::string_view name, JsonKind kind, const char* allowed) {
    for (auto member = members_.begin(); member != members_.end(); ++member) {
      if (member->name == name) {
        JsonValue value = member->value;
        members_.erase(member);
        if (value.is(JsonKind::Null)) {
          return std::nullopt;
        }
        if (!value.is(kind)) {
          fault("/" + std::string(name), allowed);
          return std::nullopt;
        }
        return value;
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> take_text(std::string_view name) {
    auto value = take(name, JsonKind::String, "must be a string");
    return value ? std::optional<std::string>(value->as_string()) : std::nullopt;
  }

  std::string take_required_text(std::string_view name) {
    auto text = take_text(name);
    if (!text && faults_.empty()) {
      fault("/" + std::string(name), "is required");
    }
    return text.value_or("");
  }

  Result<void> finish() {
    if (error_) {
      return *std::move(error_);
    }
    for (const base::JsonMember& member : members_) {
      fault(base::pointer_join("", member.name), "is not a member of this body");
    }
    if (faults_.empty()) {
      return {};
    }
    Error error{.kind = ErrorKind::InvalidArgument,
                .message = faults_[0].pointer + " " + faults_[0].detail,
                .code = "invalid_member"};
    error.faults = std::move(faults_);
    return error;
  }

 private:
  base::JsonParser parser_;
  std::vector<base::JsonMember> members_;
  std::vector<base::Fault> faults_;
  std::optional<Error> error_;
};

void write_optional_time(JsonWriter& json, std::string_view name,
                         const std::optional<base::Timestamp>& time) {
  json.key(name);
  if (time) {
    json.string(base::format_rfc3339_trimmed(*time));
  } else {
    json.null();
  }
}

// The members that a key shows whenever it is shown; the secret only when it was just made.
void write_key(JsonWriter& json, const registry::Key& key, std::string_view secret,
               std::optional<base::Timestamp> last_used) {
  json.begin_object();
  json.member("id", key.id.to_string());
  if (!secret.empty()) {
    json.member("key", secret);
  }
  json.member("prefix", key.prefix);
  json.key("roles").begin_array();
  for (auth::Role role : key.roles.list()) {
    json.string(auth::to_string(role));
  }
  json.end_array();
  json.key("org_id");
  if (key.org) {
    json.string(key.org->to_string());
  } else {
    json.null();
  }
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

template <class Items, class Write>
wire::Response encode_list(std::string_view name, const Items& items, Write write) {
  std::string body;
  JsonWriter json(body);
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
  JsonWriter json(body);
  write(json);
  return wire::make_response(status, "application/json", std::move(body));
}

void read_role(BodyReader& reader, const JsonValue& value, const std::string& pointer,
               auth::Roles& roles) {
  auto role = value.is(JsonKind::String) ? auth::parse_role(value.as_string()) : std::nullopt;
  if (role) {
    roles.add(*role);
  } else {
    reader.fault(pointer, "must be writer, reader, auditor or admin");
  }
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
  if (auto roles = reader.take("roles", JsonKind::Array, "must be an array of roles")) {
    std::size_t index = 0;
    for (const JsonValue& role : roles->elements()) {
      read_role(reader, role, "/roles/" + std::to_string(index++), create.roles);
    }
    if (index == 0) {
      reader.fault("/roles", "must name at least one of writer, reader, auditor, admin");
    }
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
