#pragma once
// What BloodHound looks at before it knows who asks: the Prefer header, then the form of the
// Authorization header. Pure functions. Errors are InvalidArgument (400) or Unauthenticated (401)
// with BloodHound's message.

#include <cstdint>
#include <optional>
#include <string_view>

#include "auth/principal.h"
#include "base/result.h"
#include "dialect/bloodhound/signature.h"
#include "wire/message.h"

namespace piperoll::dialect::bloodhound {

// Seconds that the client is ready to wait ("wait=5", or a bare "5"); nothing where it does not
// say, or says 0.
base::Result<std::optional<std::int64_t>> read_prefer(const wire::Request& request);

// The key or token of "Bearer", or the signature of "bhesignature"; no credential where there is no
// header.
struct Authorization {
  auth::Credential credential;
  std::optional<ClientDate> signed_at;
};
base::Result<Authorization> read_authorization(const wire::Request& request);

}  // namespace piperoll::dialect::bloodhound
