#include "auth/roles.h"

#include <array>

namespace piperoll::auth {

namespace {

constexpr std::array kAllRoles = {Role::Writer, Role::Reader, Role::Auditor, Role::Admin};

bool role_allows(Role role, Right right) {
  switch (right) {
    case Right::Append:
      return role == Role::Writer || role == Role::Admin;
    case Right::Find:
      return role == Role::Reader || role == Role::Auditor || role == Role::Admin;
    case Right::Export:
    case Right::Prove:
      return role == Role::Auditor || role == Role::Admin;
    case Right::Manage:
    case Right::Administrate:
      return role == Role::Admin;
    case Right::Identify:
      return true;
  }
  return false;
}

}  // namespace

Roles::Roles(std::initializer_list<Role> roles) {
  for (Role role : roles) {
    add(role);
  }
}

Roles Roles::from_bits(std::uint8_t bits) {
  Roles roles;
  for (Role role : kAllRoles) {
    if (((static_cast<unsigned>(bits) >> static_cast<unsigned>(role)) & 1U) != 0) {
      roles.add(role);
    }
  }
  return roles;
}

std::vector<Role> Roles::list() const {
  std::vector<Role> out;
  for (Role role : kAllRoles) {
    if (has(role)) {
      out.push_back(role);
    }
  }
  return out;
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::Writer:
      return "writer";
    case Role::Reader:
      return "reader";
    case Role::Auditor:
      return "auditor";
    case Role::Admin:
      return "admin";
  }
  return "";
}

std::string_view to_string(Right right) {
  switch (right) {
    case Right::Append:
      return "append";
    case Right::Find:
      return "find";
    case Right::Export:
      return "export";
    case Right::Prove:
      return "prove";
    case Right::Manage:
      return "manage";
    case Right::Administrate:
      return "administrate";
    case Right::Identify:
      return "identify";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view text) {
  for (Role role : kAllRoles) {
    if (to_string(role) == text) {
      return role;
    }
  }
  return std::nullopt;
}

std::string print_rights() {
  struct Line {
    Right right;
    std::string_view meaning;
  };
  constexpr std::array kLines = {
      Line{Right::Append, "store events"},
      Line{Right::Find, "list, get, count, facets, histogram, stream, saved views"},
      Line{Right::Export, "export all events of a filter"},
      Line{Right::Prove, "proofs, checkpoints, tiles, the access log"},
      Line{Right::Manage, "keys and applications of the organisation"},
      Line{Right::Administrate, "organisations, server credentials (server credentials alone)"},
      Line{Right::Identify, "be told who one is, change a key for a token"}};
  const auto padded = [](std::string_view text, std::size_t width) {
    return std::string(text) + std::string(width - text.size(), ' ');
  };
  std::string out = padded("right", 14);
  for (Role role : kAllRoles) {
    out += padded(to_string(role), 9);
  }
  out += "what it is for\n";
  for (const Line& line : kLines) {
    out += padded(to_string(line.right), 14);
    for (Role role : kAllRoles) {
      out += padded(allows({role}, true, line.right) ? "yes" : "-", 9);
    }
    out += std::string(line.meaning) + "\n";
  }
  return out;
}

bool allows(const Roles& roles, bool server, Right right) {
  if (right == Right::Administrate && !server) {
    return false;
  }
  if (right == Right::Identify) {
    return true;
  }
  for (Role role : roles.list()) {
    if (role_allows(role, right)) {
      return true;
    }
  }
  return false;
}

}  // namespace piperoll::auth
