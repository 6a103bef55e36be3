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

// An address and a password; which organisation's user is meant, where that was said.
struct PasswordLogin {
  std::string email, password;
  std::string organisation;  // name or UUID, or empty
};

// A browser's session, and what shows that the request is the page's own (standards: the three
// checks against forged requests).
struct SessionProof {
  std::string id;                        // of the session, from the cookie
  std::string csrf_cookie, csrf_header;  // the same token twice
  bool changes = false;                  // not GET: the checks count
  bool same_origin = false;              // Sec-Fetch-Site and Origin say so
};

// What an issuer sent a browser back with (RFC 6749 4.1.2, RFC 9207), and the browser's own part.
struct IssuerReturn {
  std::string state, code, error, issuer;
  std::string browser;  // from the cookie
};

// As the dialect found it in the request; nothing is checked yet. Never logged.
struct Credential {
  // Trusted: a command of this process, which holds the data directory; no request can be that.
  enum class Kind { None, Secret, SignedRequest, Password, Session, IssuerReturn, Trusted };
  Kind kind = Kind::None;
  std::string secret;  // Secret: a key or a token
  // Secret: the name that came with it (Basic, client credentials). In the form of a UUID it must
  // be the key's id; any other is not looked at.
  std::string client_id = {};
  std::shared_ptr<const SignedRequest> signed_request = nullptr;
  std::shared_ptr<const PasswordLogin> login = nullptr;
  std::shared_ptr<const SessionProof> session = nullptr;
  std::shared_ptr<const IssuerReturn> issuer_return = nullptr;
  // The user whose password was right. Set by the service alone.
  std::optional<base::Uuid> user = std::nullopt;
  // What the token says, or the login with an issuer. Set by the service alone, once that has been
  // verified.
  std::shared_ptr<const TokenIdentity> token = nullptr;
};

struct Principal {
  enum class Kind { Key, Token, User, Command };
  Kind kind = Kind::Key;
  base::Uuid id;                  // of the key or user; nil for others
  std::string subject;            // the key's or user's id, or the token's subject
  std::string issuer;             // of the token; empty for others
  std::string name;               // of the key, its prefix if it has no name; what the token says;
                                  // of the user, the address if there is no name
  std::string email = {};         // of the user; empty for others
  std::uint32_t generation = 0;   // of the user
  std::optional<base::Uuid> org;  // nothing: a server credential
  Roles roles;
  bool is_server() const { return !org.has_value(); }
};

}  // namespace piperoll::auth
