#pragma once
// Blindsight Antidote's audit-trail records: create, list and get at /api/audit-trail/records.
// README.md says what is supported and what differs.

#include <memory>

#include "dialect/dialect.h"

namespace piperoll::dialect::antidote {

std::unique_ptr<Dialect> make_antidote_dialect();

}  // namespace piperoll::dialect::antidote
