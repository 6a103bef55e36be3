#pragma once
// What a request shows (Credential) and who that turned out to be (Principal). Values.

#include <memory>
#include <optional>
#include <string>

#include "auth/issuer.h"
#include "auth/request_signature.h"
#include "auth/roles.h"
#include "base/uuid.h"

namespace piperoll::auth {

// As the dialect found it in the request; nothing is checked yet. Never logged.
struct Credential {
  // Trusted: a command of this process, which holds the data directory; no request can be that.
  enum class Kind { None, Secret, SignedRequest, Trusted };
  Kind kind = Kind::None;
  std::string secret;  // Secret: a key or a token
  // Secret: the name that came with it (Basic, client credentials). In the form of a UUID it must
  // be the key's id; any other is not looked at.
  std::string client_id = {};
  std::shared_ptr<const SignedRequest> signed_request = nullptr;
  // What the token says. Set by the service alone, once the token has been verified.
  std::shared_ptr<const TokenIdentity> token = nullptr;
};

struct Principal {
  enum class Kind { Key, Token, Command };
  Kind kind = Kind::Key;
  base::Uuid id;                  // of the key; nil for others
  std::string subject;            // the key's id, or the token's subject
  std::string issuer;             // of the token; empty for others
  std::string name;               // of the key, its prefix if it has no name; what the token says
  std::optional<base::Uuid> org;  // nothing: a server credential
  Roles roles;
  bool is_server() const { return !org.has_value(); }
};

}  // namespace piperoll::auth
