#pragma once
// The [[client]] tables of the configuration file: whose certificates are credentials, and of what.

#include <map>
#include <memory>
#include <string>

#include <toml++/toml.h>

#include "auth/issuer.h"
#include "base/result.h"

namespace piperoll::server {

// By subject (RFC 2253: "CN=ci,O=Acme").
using CertificateClients = std::map<std::string, std::shared_ptr<const auth::TokenIdentity>>;

// subject, organisation ("*": a credential of the server), roles, and name where the subject is not
// to be shown. InvalidArgument naming the place and the key.
base::Result<void> read_client(const toml::table& table, const std::string& file,
                               CertificateClients& into);

}  // namespace piperoll::server
