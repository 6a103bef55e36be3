#pragma once
// IPv4 and IPv6 addresses as text; shown in the form of RFC 5952.

#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::base {

// IPv4 dotted quad (no leading zeros) or IPv6 without zone or brackets -> canonical text: IPv6 in
// lower case, longest run of zeros as "::", IPv4-mapped as ::ffff:192.0.2.1. InvalidArgument else.
Result<std::string> canonical_ip(std::string_view text);

}  // namespace piperoll::base
