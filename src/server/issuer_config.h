#pragma once
// What one [[issuer]] table of the configuration file says: whose tokens are believed, where their
// keys are, and what their claims mean. A value.

#include <optional>
#include <string>
#include <vector>

#include "auth/issuer.h"

namespace piperoll::server {

// The table [issuer.login]: people may log in with the issuer.
struct LoginConfig {
  std::string name;  // shown to people; the issuer's own where it is not set
  std::string client_id;
  std::string client_secret_file;  // empty: a client without one
  std::vector<std::string> scopes = {"openid"};
  // Where the issuer has no discovery document; both or none.
  std::string authorization_url, token_url;
};

struct IssuerConfig {
  enum class Keys { SecretFile, KeysFile, Address, Discovery };
  auth::Issuer issuer;
  Keys keys = Keys::Discovery;
  std::string source;   // path or address; the issuer's own for Discovery
  std::string ca_file;  // certificates to trust when fetching; empty: the system's
  std::optional<LoginConfig> login;
};

}  // namespace piperoll::server
