#pragma once
// The legacy audit log of NVIDIA Run:ai's control plane: GET /v1/k8s/audit. README.md says what is
// supported and what differs.

#include <memory>

#include "dialect/dialect.h"

namespace piperoll::dialect::runai {

std::unique_ptr<Dialect> make_runai_dialect();

}  // namespace piperoll::dialect::runai
