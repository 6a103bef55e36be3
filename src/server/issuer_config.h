#pragma once
// What one [[issuer]] table of the configuration file says: whose tokens are believed, where their
// keys are, and what their claims mean. A value.

#include <string>

#include "auth/issuer.h"

namespace piperoll::server {

struct IssuerConfig {
  enum class Keys { SecretFile, KeysFile, Address, Discovery };
  auth::Issuer issuer;
  Keys keys = Keys::Discovery;
  std::string source;   // path or address; the issuer's own for Discovery
  std::string ca_file;  // certificates to trust when fetching; empty: the system's
};

}  // namespace piperoll::server
