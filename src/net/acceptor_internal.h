#pragma once
// Listening sockets. Only net and http include this.

#include <string>
#include <vector>

#include "base/result.h"
#include "net/io_pool_internal.h"

namespace piperoll::net {

// One bound, listening, non-blocking socket for every address that the texts (listen_address.h)
// stand for, in their order. Names are resolved, which may block: call it at start. IPv6 sockets
// take IPv6 only, so that an address always means what it says. No SO_REUSEPORT: two servers on
// one port are an error, never a silent split of the load.
// InvalidArgument: the text. Unavailable (code "address_in_use"): the port is taken. Unavailable:
// anything else the system refuses. Every message names the address.
base::Result<std::vector<Acceptor>> open_acceptors(boost::asio::io_context& context,
                                                   const std::vector<std::string>& listen);

}  // namespace piperoll::net
