#pragma once
// The audit-log calls of Raystack Frontier's REST API (to v0.79.0): create, list and get below
// /v1beta1/organizations/{org_id}/auditlogs. README.md says what is supported and what differs.

#include <memory>

#include "dialect/dialect.h"

namespace piperoll::dialect::frontier {

std::unique_ptr<Dialect> make_frontier_dialect();

}  // namespace piperoll::dialect::frontier
