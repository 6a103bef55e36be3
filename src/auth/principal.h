#pragma once
// What a request shows (Credential) and who that turned out to be (Principal). Values.

#include <optional>
#include <string>

#include "auth/roles.h"
#include "base/uuid.h"

namespace piperoll::auth {

// As the dialect found it in the request; nothing is checked yet. Never logged.
struct Credential {
  // Trusted: a command of this process, which holds the data directory; no request can be that.
  enum class Kind { None, Secret, Trusted };
  Kind kind = Kind::None;
  std::string secret;  // a key (a token, once the server takes them)
};

struct Principal {
  base::Uuid id;                  // of the key
  std::string name;               // of the key; its prefix if it has no name
  std::optional<base::Uuid> org;  // nothing: a server credential
  Roles roles;
  bool is_server() const { return !org.has_value(); }
};

}  // namespace piperoll::auth
