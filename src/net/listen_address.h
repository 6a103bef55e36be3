#pragma once
// Where a server listens, as people write it. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::net {

struct ListenAddress {
  std::string host;        // name or address without brackets; empty: every address of the machine
  std::uint16_t port = 0;  // 0: any free one
  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8080", "[::1]:0", "localhost:80", ":8080" and "*:8080". InvalidArgument for anything
// else, naming the text; an IPv6 address needs its brackets, the port is never optional.
base::Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace piperoll::net
