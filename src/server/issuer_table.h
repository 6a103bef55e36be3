#pragma once
// An [[issuer]] table of the configuration file, read. docs/identity.md says every key.

#include <string>

#include <toml++/toml.h>

#include "base/result.h"
#include "server/issuer_config.h"

namespace piperoll::server {

// InvalidArgument naming the place, the key and what is allowed; an unknown key with the nearest
// known one. file: for the error. No file but this one is looked at.
base::Result<IssuerConfig> read_issuer(const toml::table& table, const std::string& file);

}  // namespace piperoll::server
