#pragma once
// The native surface: everything piperoll has (contract section 3). Errors are problem documents
// (RFC 9457). It also words the errors of paths that no surface owns.

#include <memory>

#include "dialect/dialect.h"

namespace piperoll::dialect::native {

std::unique_ptr<Dialect> make_native_dialect();

}  // namespace piperoll::dialect::native
