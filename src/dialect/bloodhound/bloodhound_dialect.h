#pragma once
// The audit log of BloodHound CE (SpecterOps): GET /api/v2/audit. README.md says what is supported
// and what differs.

#include <memory>

#include "base/clock.h"
#include "dialect/dialect.h"

namespace piperoll::dialect::bloodhound {

// The clock stamps the errors of the HTTP front, which come without the time of a request. The
// first form takes the system's; in the second, clock outlives the dialect.
std::unique_ptr<Dialect> make_bloodhound_dialect();
std::unique_ptr<Dialect> make_bloodhound_dialect(const base::Clock& clock);

}  // namespace piperoll::dialect::bloodhound
