#pragma once
// Users over HTTP. Pure functions.

#include <string_view>

#include "base/result.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// Bodies of POST /v1/users and PATCH /v1/users/{id}: one JSON object; faults by JSON Pointer.
base::Result<operation::Operation> read_create_user(std::string_view body);
base::Result<operation::Operation> read_change_user(std::string_view body, std::string_view id);

wire::Response encode_user_created(const operation::UserCreated& created);
wire::Response encode_user_changed(const operation::UserChanged& changed,
                                   const registry::Registry& registry);
wire::Response encode_users(const operation::UsersListed& listed,
                            const registry::Registry& registry);

}  // namespace piperoll::dialect::native
