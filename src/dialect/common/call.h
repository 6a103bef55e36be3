#pragma once
// What every surface takes from a request in the same way. Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "operation/operation.h"
#include "wire/message.h"
#include "wire/url.h"

namespace piperoll::dialect {

// A call with the credential of "Authorization: Bearer", the credential's own organisation, and
// what stamping and the access log need of the request. surface: static text.
operation::Call call_for(std::string_view surface, const wire::Request& request);

// The token of "Authorization: Bearer <token>" (scheme in any case), not empty.
std::optional<std::string_view> bearer_token(const wire::Request& request);
auth::Credential secret_credential(std::string_view secret);  // none if it is empty

// "Authorization: Basic base64(id:secret)" with exactly one ':'; no credential in any other case.
auth::Credential basic_credential(const wire::Request& request);
// Whether the text has the form of one of our keys, or of a token: other things that stand where
// one may stand (another server's cookie) are not taken for it.
bool may_be_credential(std::string_view text);

// ?org=: by it a server credential, or an admin of several, names the organisation. An empty one
// is the credential's own.
operation::OrgReference org_in_query(const wire::Parameters& parameters);

// Sets operation and the right it needs. An error is of an operation that needs right_if_error.
void set_operation(operation::Call& call, base::Result<operation::Operation> operation,
                   auth::Right right_if_error);

}  // namespace piperoll::dialect
