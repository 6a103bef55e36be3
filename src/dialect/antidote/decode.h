#pragma once
// Requests of Antidote's three calls -> operations. Pure functions. A request that breaks a rule is
// an error with code kValidationCode (validation.h).

#include <string_view>

#include "base/result.h"
#include "operation/operation.h"
#include "wire/message.h"
#include "wire/url.h"

namespace piperoll::dialect::antidote {

base::Result<operation::Operation> decode_create(const wire::Request& request);

struct Paging {
  std::uint64_t page = 1, page_size = 50;
};
base::Result<operation::Operation> decode_list(const wire::Parameters& parameters, Paging& paging);

// Bearer token, X-API-Key, cookie antidote_session: the first that is there.
auth::Credential credential_of(const wire::Request& request);

}  // namespace piperoll::dialect::antidote
