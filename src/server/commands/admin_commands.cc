#include <cstdio>
#include <span>

#include "auth/api_key.h"
#include "base/bytes.h"
#include "base/json.h"
#include "server/commands/answers.h"
#include "server/commands/commands.h"
#include "wire/url.h"

namespace piperoll::server {
namespace {

using base::JsonKind;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using net::ClientResponse;

constexpr std::string_view kNewOrgMembers[] = {"id", "name", "tenant_id"};
constexpr std::string_view kOrgMembers[] = {"id", "name", "tenant_id", "enabled", "created_at"};
constexpr std::string_view kKeyMembers[] = {
    "id",         "prefix",     "roles",      "org_id",       "name",
    "created_at", "expires_at", "revoked_at", "last_used_at", "networks"};
constexpr std::string_view kApplicationMembers[] = {
    "id", "key", "name", "created_at", "updated_at", "description", "accent_color", "param_count"};

}  // namespace

Result<void> org_create(const BackendOptions& where, const std::string& name, const std::string& id,
                        std::optional<std::int64_t> tenant_id) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where, Backend::Directory::MayBeNew));
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("name", name);
  if (!id.empty()) {
    json.member("id", id);
  }
  if (tenant_id) {
    json.key("tenant_id").integer(*tenant_id);
  }
  json.end_object();
  ASSIGN_OR_RETURN(ClientResponse response, backend->request("POST", "/v1/orgs", body));
  return print_one(response, kNewOrgMembers);
}

Result<void> org_list(const BackendOptions& where) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  ASSIGN_OR_RETURN(ClientResponse response, backend->request("GET", "/v1/orgs", ""));
  return print_list(response, "orgs", kOrgMembers);
}

Result<void> org_set_enabled(const BackendOptions& where, const std::string& org, bool enabled) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  ASSIGN_OR_RETURN(ClientResponse response,
                   backend->request("PATCH", "/v1/orgs/" + wire::percent_encode(org),
                                    enabled ? R"({"enabled":true})" : R"({"enabled":false})"));
  return print_one(response, kOrgMembers);
}

Result<void> key_create(const BackendOptions& where, const KeyCreateArguments& arguments) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where, Backend::Directory::MayBeNew));
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("roles").begin_array();
  for (const std::string& role : arguments.roles) {
    json.string(role);
  }
  json.end_array();
  if (!arguments.name.empty()) {
    json.member("name", arguments.name);
  }
  if (!arguments.expires.empty()) {
    json.member("expires", arguments.expires);
  }
  if (!arguments.networks.empty()) {
    json.key("networks").begin_array();
    for (const std::string& network : arguments.networks) {
      json.string(network);
    }
    json.end_array();
  }
  json.end_object();
  ASSIGN_OR_RETURN(ClientResponse response,
                   backend->request("POST", with_org("/v1/keys", arguments.org), body));
  base::JsonParser parser;
  ASSIGN_OR_RETURN(JsonValue answer, parser.parse(response.body));
  JsonValue key;
  if (answer.find("key", key)) {
    print_line(key.as_string());
  }
  return {};
}

Result<void> key_list(const BackendOptions& where, const std::string& org) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  ASSIGN_OR_RETURN(ClientResponse response,
                   request_of_org_or_server(*backend, "GET", "/v1/keys", org));
  return print_list(response, "keys", kKeyMembers);
}

Result<void> key_revoke(const BackendOptions& where, const std::string& key_or_id) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  std::string name = key_or_id;
  if (auth::is_well_formed_api_key(key_or_id)) {
    // A key never stands in an address: those are written down in many places.
    auth::KeyDigest digest = auth::digest_of(key_or_id);
    name = base::hex_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  ASSIGN_OR_RETURN(
      ClientResponse response,
      request_of_org_or_server(*backend, "DELETE", "/v1/keys/" + wire::percent_encode(name), ""));
  static_cast<void>(response);  // 204 says it all
  return {};
}

Result<void> application_create(const BackendOptions& where,
                                const ApplicationCreateArguments& arguments) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("key", arguments.key).member("name", arguments.name);
  optional_member(json, "description", arguments.description);
  optional_member(json, "accent_color", arguments.accent_color);
  json.end_object();
  ASSIGN_OR_RETURN(ClientResponse response,
                   backend->request("POST", with_org("/v1/applications", arguments.org), body));
  return print_one(response, kApplicationMembers);
}

Result<void> application_list(const BackendOptions& where, const std::string& org) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  ASSIGN_OR_RETURN(ClientResponse response,
                   backend->request("GET", with_org("/v1/applications", org), ""));
  return print_list(response, "applications", kApplicationMembers);
}

}  // namespace piperoll::server
