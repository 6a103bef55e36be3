#include "server/client_table.h"

#include <limits>

#include "server/nearest.h"

namespace piperoll::server {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kIssuer = "certificate";

Error bad(const std::string& where, std::string what) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = where + std::move(what),
          .code = "invalid_setting"};
}

Result<void> read_roles(const toml::node& node, const std::string& where, auth::Roles& roles) {
  const auto* list = node.as_array();
  if (list == nullptr) {
    return bad(where, "client.roles must be a list of roles");
  }
  for (const toml::node& item : *list) {
    const auto* text = item.as_string();
    auto role = text == nullptr ? std::nullopt : auth::parse_role(text->get());
    if (!role) {
      return bad(where, "client.roles must be of writer, reader, auditor, admin");
    }
    roles.add(*role);
  }
  return {};
}

}  // namespace

Result<void> read_client(const toml::table& table, const std::string& file,
                         CertificateClients& into) {
  auth::TokenIdentity client;
  client.issuer = kIssuer;
  client.valid_until = {std::numeric_limits<std::int64_t>::max()};
  const std::string table_at = file + ":" + std::to_string(table.source().begin.line) + ": ";
  for (const auto& [key, node] : table) {
    const std::string where = file + ":" + std::to_string(node.source().begin.line) + ": ";
    const std::string name(key.str());
    const auto* text = node.as_string();
    if (name == "roles") {
      RETURN_IF_ERROR(read_roles(node, where, client.roles));
    } else if (name != "subject" && name != "organisation" && name != "name") {
      return bad(where, "unknown key \"client." + name + "\"; did you mean \"client." +
                            nearest_word(name, {"subject", "organisation", "roles", "name"}) +
                            "\"?");
    } else if (text == nullptr || text->get().empty()) {
      return bad(where, "client." + name + " must be a text");
    } else {
      (name == "subject" ? client.subject
       : name == "name"  ? client.name
                         : client.organisation) = text->get();
    }
  }
  if (client.subject.empty() || client.organisation.empty() || client.roles.empty()) {
    return bad(table_at, "a client needs subject, organisation and roles");
  }
  client.server = client.organisation == "*";
  client.organisation = client.server ? "" : client.organisation;
  client.name = client.name.empty() ? client.subject : client.name;
  const std::string subject = client.subject;
  if (!into.emplace(subject, std::make_shared<const auth::TokenIdentity>(std::move(client)))
           .second) {
    return bad(table_at, "there are two clients \"" + subject + "\"");
  }
  return {};
}

}  // namespace piperoll::server
