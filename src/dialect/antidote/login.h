#pragma once
// POST /api/auth/login and GET /api/auth/me: a password or a key is changed for a token that a
// browser keeps in the cookie antidote_session. Pure functions.

#include <string>
#include <string_view>

#include "auth/principal.h"
#include "base/result.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::antidote {

// {"email","password"} of a user. The password may be a key, too: an email in the form of a UUID
// must be the key's id then, any other is not looked at. organisation: whose user is meant, where
// several know the address; may be empty. An error with kValidationCode (validation.h), in which
// nothing of the input is repeated: it may be a password.
base::Result<auth::Credential> read_login(std::string_view body, const std::string& organisation);
// secure: the request came over TLS, so the cookie goes back over TLS alone.
wire::Response encode_login(bool secure, operation::Reply&& reply);
wire::Response encode_me(operation::Reply&& reply);

}  // namespace piperoll::dialect::antidote
