#pragma once
// The query of GET /api/v2/audit -> FindEvents. Pure functions.

#include <cstdint>

#include "base/result.h"
#include "base/timestamp.h"
#include "operation/operation.h"
#include "wire/url.h"

namespace piperoll::dialect::bloodhound {

inline constexpr std::int64_t kLimitDefault = 1000;
// Longer pages are streamed.
inline constexpr std::int64_t kBufferedRowsMax = 1000;

struct AuditQuery {
  operation::FindEvents find;
  std::int64_t limit = kLimitDefault, skip = 0;
};

// In BloodHound's order, so that of several mistakes the same one is named: sort_by, filters, skip,
// columns and predicates, limit, before, after. InvalidArgument with BloodHound's message.
base::Result<AuditQuery> read_query(const wire::Parameters& parameters, base::Timestamp now);

}  // namespace piperoll::dialect::bloodhound
