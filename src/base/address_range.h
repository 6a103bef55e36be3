#pragma once
// Ranges of IP addresses (CIDR), for example of the proxies that are trusted. Immutable values.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace piperoll::base {

class AddressRange {
 public:
  // "10.0.0.0/8", "2001:db8::/32", or one address. Bits beyond the prefix must be zero, since a
  // range such as 10.1.2.3/8 is more often a slip than meant. InvalidArgument otherwise.
  static Result<AddressRange> parse(std::string_view text);

  // False for text that is no address. An IPv4 address and its IPv4-mapped form are the same.
  bool contains(std::string_view address) const;

 private:
  using Bytes = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d
  Bytes prefix_{};
  int bits_ = 128;  // of the 16 bytes
};

bool any_contains(const std::vector<AddressRange>& ranges, std::string_view address);

}  // namespace piperoll::base
