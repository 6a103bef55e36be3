#pragma once
// Whose saved views somebody sees, and which of them they may change. Pure functions.

#include <string_view>

#include "base/result.h"
#include "operation/outcome.h"
#include "registry/registry.h"
#include "service/authorise.h"

namespace piperoll::service {

// REQUIRES: admitted.org. Whether they may see it at all: what is their own, or shared.
operation::ViewShown view_shown_to(const Admitted& admitted, registry::Registry::ViewPointer view);

// The view with that UUID, to be replaced or deleted: one's own, or with the right to manage a
// shared one. NotFound "view_not_found", also for what is somebody else's own or of another
// organisation; Forbidden "no_right".
base::Result<registry::Registry::ViewPointer> view_to_change(const registry::Registry& registry,
                                                             const Admitted& admitted,
                                                             std::string_view id);

}  // namespace piperoll::service
