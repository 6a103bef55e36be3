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

bool allows(const Roles& roles, bool server, Right right) {
  if (right == Right::Administrate && !server) {
    return false;
  }
  for (Role role : roles.list()) {
    if (role_allows(role, right)) {
      return true;
    }
  }
  return false;
}

}  // namespace piperoll::auth
