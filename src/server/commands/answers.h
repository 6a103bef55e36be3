#pragma once
// What the commands about organisations, keys and users share: requests that name an organisation,
// and answers as JSON lines on standard output.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "server/commands/backend.h"

namespace piperoll::server {

void print_line(std::string_view line);
// path with ?org=, where org is not empty.
std::string with_org(const std::string& path, const std::string& org);

// The members named of an object, as one JSON line.
void print_members(const base::JsonValue& object, std::span<const std::string_view> names);
// Every element of the list that is an answer's one member.
base::Result<void> print_list(const net::ClientResponse& response, std::string_view name,
                              std::span<const std::string_view> members);
base::Result<void> print_one(const net::ClientResponse& response,
                             std::span<const std::string_view> members);
void optional_member(base::JsonWriter& json, std::string_view name,
                     const std::optional<std::string>& value);

// About one organisation; without a name: about what the credential may see. A server credential
// must name an organisation, so it asks about the whole server.
base::Result<net::ClientResponse> request_of_org_or_server(Backend& backend,
                                                           const std::string& method,
                                                           const std::string& path,
                                                           const std::string& org,
                                                           const std::string& body = "");

}  // namespace piperoll::server
