#pragma once
// Requests of Frontier's three calls -> operations. As in Frontier, a request is checked before
// anybody asks who sent it: what is wrong with it is answered at once. Pure functions.

#include <string>
#include <variant>

#include "operation/operation.h"
#include "wire/message.h"

namespace piperoll::dialect::frontier {

// An operation, or the answer to a request that is not valid.
template <class Operation>
using Checked = std::variant<Operation, wire::Response>;

Checked<operation::AppendEvents> decode_create(const std::string& org_id,
                                               const wire::Request& request);
Checked<operation::FindEvents> decode_list(const std::string& org_id, const wire::Request& request);
Checked<operation::GetEvent> decode_get(const std::string& org_id, const std::string& id);

// In the order in which Frontier looks: the cookie sid, a bearer token, the header x-user-token,
// "Basic client_id:secret". What has not the form of a credential is passed over.
auth::Credential credential_of(const wire::Request& request);

}  // namespace piperoll::dialect::frontier
