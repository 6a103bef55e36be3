#pragma once
// The two fixed texts from their variable parts. Pure functions.

#include <string>
#include <string_view>

#include "evidence/manifest.h"

namespace piperoll::evidence {

// quoted_log: the origin as a JSON string; time: RFC 3339 with six digits.
void append_manifest_text(std::string& out, const SlotDigests& digests, std::string_view quoted_log,
                          std::string_view time);
void append_leaf_text(std::string& out, const tlog::Hash& commitment, std::string_view time);

}  // namespace piperoll::evidence
