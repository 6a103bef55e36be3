#pragma once
// Roles and rights: the one table of contract section 4. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace piperoll::auth {

enum class Role : std::uint8_t { Writer, Reader, Auditor, Admin };
enum class Right : std::uint8_t {
  Append,
  Find,  // list, get, facets, histogram, stream; views of one's own
  Export,
  Prove,         // proofs, checkpoints, tiles, access log
  Manage,        // keys and applications of the organisation
  Administrate,  // organisations and server credentials: admin of a server credential only
  Identify       // to be told who one is, and to change a key for a token: every credential
};

// A set of roles; the rights of its members add up.
class Roles {
 public:
  Roles() = default;
  Roles(std::initializer_list<Role> roles);
  void add(Role role) {
    bits_ = static_cast<std::uint8_t>(bits_ | (1U << static_cast<unsigned>(role)));
  }
  bool has(Role role) const { return (bits_ >> static_cast<unsigned>(role) & 1U) != 0; }
  bool empty() const { return bits_ == 0; }
  std::vector<Role> list() const;  // in the order of the enumeration
  std::uint8_t bits() const { return bits_; }
  static Roles from_bits(std::uint8_t bits);
  bool operator==(const Roles&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

std::string_view to_string(Role role);  // "writer" ...
std::string_view to_string(Right right);
std::optional<Role> parse_role(std::string_view text);
// The table of contract section 4, for people: one line for each right.
std::string print_rights();
// server: the credential belongs to no organisation.
bool allows(const Roles& roles, bool server, Right right);

}  // namespace piperoll::auth
