#pragma once
// Nirvana Labs' audit logs: list and get at /v1/audit_logs. README.md says what is supported and
// what differs.

#include <memory>

#include "dialect/dialect.h"

namespace piperoll::dialect::nirvana {

std::unique_ptr<Dialect> make_nirvana_dialect();

}  // namespace piperoll::dialect::nirvana
