#pragma once
// What BloodHound looks at before it knows who asks: the Prefer header, then the form of the
// Authorization header. Pure functions. Errors are InvalidArgument (400) or Unauthenticated (401)
// with BloodHound's message.

#include <cstdint>
#include <optional>
#include <string_view>

#include "auth/principal.h"
#include "base/result.h"
#include "wire/message.h"

namespace piperoll::dialect::bloodhound {

// Seconds that the client is ready to wait ("wait=5", or a bare "5"); nothing where it does not
// say, or says 0.
base::Result<std::optional<std::int64_t>> read_prefer(const wire::Request& request);

// The key of "Bearer <key>"; no credential where there is no header. Signed requests are checked
// for their form and then refused: keys are kept as digests, which no signature can be checked
// with.
base::Result<auth::Credential> read_authorization(const wire::Request& request);

}  // namespace piperoll::dialect::bloodhound
