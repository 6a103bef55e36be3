#pragma once
// Who the client is when there are proxies between. Pure function.

#include <string>
#include <string_view>
#include <vector>

#include "base/address_range.h"
#include "wire/message.h"

namespace piperoll::http {

// peer unless it is trusted; then the right-most address of X-Forwarded-For (all such headers, in
// order) that is not trusted, since whatever stands left of it the client may have made up. An
// entry that is no address ends the search at the last proxy known; entries may carry a port. All
// of them trusted: the left-most. The answer is in canonical form.
std::string client_address(std::string_view peer, const std::vector<wire::HeaderView>& headers,
                           const std::vector<base::AddressRange>& trusted);

}  // namespace piperoll::http
