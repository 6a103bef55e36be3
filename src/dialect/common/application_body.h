#pragma once
// A registered application as JSON: the eight members that Antidote shows, which the native API
// shows too (contract section 3). Pure functions.

#include <string>

#include "base/json.h"
#include "registry/registry.h"

namespace piperoll::dialect {

// id, key, name, created_at, updated_at, description, accent_color, param_count (always 0: there is
// no registry of parameters). Absent ones are null.
void write_application(base::JsonWriter& json, const registry::Application& application);

}  // namespace piperoll::dialect
