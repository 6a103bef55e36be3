#pragma once
// Saved views over HTTP. Pure functions.

#include <string_view>

#include "base/result.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// Body of POST /v1/views (id empty) and PUT /v1/views/{id}: one JSON object; faults by JSON
// Pointer.
base::Result<operation::Operation> read_save_view(std::string_view body, std::string_view id);

wire::Response encode_views(const operation::ViewsListed& listed);
wire::Response encode_view_saved(const operation::ViewSaved& saved);

}  // namespace piperoll::dialect::native
