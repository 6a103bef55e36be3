#pragma once
// The query of GET /v1/k8s/audit -> FindEvents. Pure functions.

#include <cstdint>

#include "base/result.h"
#include "operation/operation.h"
#include "wire/url.h"

namespace piperoll::dialect::runai {

inline constexpr std::int64_t kLimitDefault = 50;
inline constexpr std::int64_t kLimitMax = 500;

// Blank parameters count as absent. InvalidArgument naming the parameter.
base::Result<operation::FindEvents> read_query(const wire::Parameters& parameters);

// download=true; anything else is false.
bool wants_download(const wire::Parameters& parameters);

}  // namespace piperoll::dialect::runai
