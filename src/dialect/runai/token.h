#pragma once
// The two addresses where Run:ai's clients change an id and a secret for a token:
//
//   POST /api/v1/token {"grantType","clientId","clientSecret"}                    (the API's own)
//   POST /auth/realms/{realm}/protocol/openid-connect/token, a form (RFC 6749 4.4, Keycloak's path)
//
// Here the secret is a key, and an id in the form of a UUID must be the key's. The realm is not
// looked at: the key says which organisation it is of. Pure functions.

#include <string_view>

#include "auth/principal.h"
#include "base/result.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::runai {

// InvalidArgument with a code of RFC 6749 5.2 ("invalid_request", "unsupported_grant_type").
base::Result<auth::Credential> read_api_token(std::string_view body);
base::Result<auth::Credential> read_realm_token(const wire::Request& request);

wire::Response encode_api_token(operation::Reply&& reply);
wire::Response encode_realm_token(operation::Reply&& reply);
// {"error","error_description"}, as RFC 6749 5.2 has it.
wire::Response realm_error(const base::Error& error);

}  // namespace piperoll::dialect::runai
