#include "server/commands/answers.h"

#include <cstdio>

#include "wire/url.h"

namespace piperoll::server {

using base::JsonValue;
using base::JsonWriter;
using base::Result;
using net::ClientResponse;

void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

std::string with_org(const std::string& path, const std::string& org) {
  return org.empty() ? path : path + "?org=" + wire::percent_encode(org);
}

void print_members(const JsonValue& object, std::span<const std::string_view> names) {
  std::string line;
  JsonWriter json(line);
  json.begin_object();
  for (std::string_view name : names) {
    JsonValue value;
    if (object.find(name, value)) {
      std::string text;
      base::append_canonical(text, value);
      json.key(name).raw(text);
    }
  }
  json.end_object();
  print_line(line);
}

Result<void> print_list(const ClientResponse& response, std::string_view name,
                        std::span<const std::string_view> members) {
  base::JsonParser parser;
  ASSIGN_OR_RETURN(JsonValue answer, parser.parse(response.body));
  JsonValue list;
  if (answer.find(name, list)) {
    for (const JsonValue& element : list.elements()) {
      print_members(element, members);
    }
  }
  return {};
}

Result<void> print_one(const ClientResponse& response, std::span<const std::string_view> members) {
  base::JsonParser parser;
  ASSIGN_OR_RETURN(JsonValue answer, parser.parse(response.body));
  print_members(answer, members);
  return {};
}

void optional_member(JsonWriter& json, std::string_view name,
                     const std::optional<std::string>& value) {
  if (value) {
    json.member(name, *value);
  }
}

Result<ClientResponse> request_of_org_or_server(Backend& backend, const std::string& method,
                                                const std::string& path, const std::string& org,
                                                const std::string& body) {
  auto response = backend.request(method, with_org(path, org), body);
  if (!response && org.empty() && response.error().code == "org_required") {
    return backend.request(method, with_org(path, "*"), body);
  }
  return response;
}

}  // namespace piperoll::server
