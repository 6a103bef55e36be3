#include <cstdio>
#include <iostream>

#include <termios.h>
#include <unistd.h>

#include "base/json.h"
#include "base/uuid.h"
#include "server/commands/answers.h"
#include "server/commands/commands.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using net::ClientResponse;

constexpr std::string_view kMembers[] = {
    "id",          "email",   "name",       "roles",
    "org_id",      "enabled", "created_at", "password_changed_at",
    "last_used_at"};

Error failed(const char* code, std::string message) {
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(message), .code = code};
}

// What is typed at a terminal is not shown while this lives.
class Unseen {
 public:
  Unseen() {
    if (::tcgetattr(STDIN_FILENO, &before_) == 0) {
      termios quiet = before_;
      quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
  }
  ~Unseen() {
    if (changed_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  termios before_ = {};
  bool changed_ = false;
};

std::string ask(const char* question) {
  std::fputs(question, stderr);
  std::string line;
  {
    Unseen unseen;
    std::getline(std::cin, line);
  }
  std::fputc('\n', stderr);
  return line;
}

Result<std::string> read_password() {
  std::string password;
  if (::isatty(STDIN_FILENO) != 0) {
    password = ask("Password: ");
    if (ask("Again: ") != password) {
      return failed("password_mismatch", "the two passwords differ");
    }
  } else {
    std::getline(std::cin, password);
  }
  if (password.empty()) {
    return failed("no_password", "there is no password: type one, or pipe it in as one line");
  }
  return password;
}

void write_roles(JsonWriter& json, const std::vector<std::string>& roles) {
  json.key("roles").begin_array();
  for (const std::string& role : roles) {
    json.string(role);
  }
  json.end_array();
}

// The id of the user that is named by id or by address.
Result<std::string> id_of(Backend& backend, const UserArguments& arguments) {
  if (base::parse_uuid(arguments.user)) {
    return arguments.user;
  }
  ASSIGN_OR_RETURN(ClientResponse response,
                   request_of_org_or_server(backend, "GET", "/v1/users", arguments.org));
  base::JsonParser parser;
  ASSIGN_OR_RETURN(JsonValue answer, parser.parse(response.body));
  JsonValue list;
  std::string found;
  if (answer.find("users", list)) {
    for (const JsonValue& user : list.elements()) {
      JsonValue email, id;
      if (user.find("email", email) && email.as_string() == arguments.user && user.find("id", id)) {
        if (!found.empty()) {
          return failed("usage", "several organisations have a user " + arguments.user +
                                     "; name one with --org, or the user by id");
        }
        found = id.as_string();
      }
    }
  }
  return found.empty() ? Result<std::string>(failed("user_not_found", "no such user"))
                       : Result<std::string>(found);
}

Result<void> change(const BackendOptions& where, const UserArguments& arguments,
                    const std::string& body) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  ASSIGN_OR_RETURN(std::string id, id_of(*backend, arguments));
  ASSIGN_OR_RETURN(
      ClientResponse response,
      request_of_org_or_server(*backend, "PATCH", "/v1/users/" + id, arguments.org, body));
  return print_one(response, kMembers);
}

}  // namespace

Result<void> user_create(const BackendOptions& where, const UserArguments& arguments) {
  ASSIGN_OR_RETURN(std::string password, read_password());
  ASSIGN_OR_RETURN(auto backend, Backend::open(where, Backend::Directory::MayBeNew));
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("email", arguments.email).member("password", password);
  if (!arguments.name.empty()) {
    json.member("name", arguments.name);
  }
  write_roles(json, arguments.roles);
  json.end_object();
  ASSIGN_OR_RETURN(ClientResponse response,
                   backend->request("POST", with_org("/v1/users", arguments.org), body));
  return print_one(response, kMembers);
}

Result<void> user_list(const BackendOptions& where, const UserArguments& arguments) {
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  ASSIGN_OR_RETURN(ClientResponse response,
                   request_of_org_or_server(*backend, "GET", "/v1/users", arguments.org));
  return print_list(response, "users", kMembers);
}

Result<void> user_set_enabled(const BackendOptions& where, const UserArguments& arguments,
                              bool enabled) {
  return change(where, arguments, enabled ? R"({"enabled":true})" : R"({"enabled":false})");
}

Result<void> user_set_password(const BackendOptions& where, const UserArguments& arguments) {
  ASSIGN_OR_RETURN(std::string password, read_password());
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("password", password).end_object();
  return change(where, arguments, body);
}

Result<void> user_set_roles(const BackendOptions& where, const UserArguments& arguments) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_roles(json, arguments.roles);
  json.end_object();
  return change(where, arguments, body);
}

}  // namespace piperoll::server
