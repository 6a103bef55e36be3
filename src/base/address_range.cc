#include "base/address_range.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

#include <arpa/inet.h>

namespace piperoll::base {
namespace {

using Bytes = std::array<std::uint8_t, 16>;
constexpr int kMappedBits = 96;  // of ::ffff:0:0/96, where IPv4 lives

struct Address {
  Bytes bytes{};
  bool is_v4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  if (text.empty() || text.size() >= terminated.size()) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), terminated.begin());
  Address address;
  if (inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1) {
    return address;
  }
  address.bytes.fill(0);
  address.bytes[10] = address.bytes[11] = 0xff;
  if (inet_pton(AF_INET, terminated.data(), address.bytes.data() + 12) == 1) {
    address.is_v4 = true;
    return address;
  }
  return std::nullopt;
}

// Does value begin with the same `bits` bits as prefix?
bool matches(const Bytes& value, const Bytes& prefix, int bits) {
  auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(value.data(), prefix.data(), whole) != 0) {
    return false;
  }
  int rest = bits % 8;
  return rest == 0 || ((value[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

bool has_bits_beyond(const Bytes& value, int bits) {
  for (int bit = bits; bit < 128; ++bit) {
    if ((value[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1) {
      return true;
    }
  }
  return false;
}

Error refused(std::string_view text, const std::string& why) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "address range '" + std::string(text) + "': " + why,
          .code = "bad_address_range"};
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  auto slash = text.find('/');
  std::optional<Address> address = parse_address(text.substr(0, slash));
  if (!address) {
    return refused(text, "needs an IPv4 or IPv6 address, or one with /bits");
  }
  int bits_max = address->is_v4 ? 32 : 128;
  int bits = bits_max;
  if (slash != std::string_view::npos) {
    std::string_view digits = text.substr(slash + 1);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 ||
        bits > bits_max) {
      return refused(text, "the number of bits must be 0 to " + std::to_string(bits_max));
    }
  }
  AddressRange range;
  range.prefix_ = address->bytes;
  range.bits_ = address->is_v4 ? kMappedBits + bits : bits;
  if (has_bits_beyond(range.prefix_, range.bits_)) {
    return refused(text, "has bits set beyond its prefix");
  }
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  std::optional<Address> parsed = parse_address(address);
  return parsed && matches(parsed->bytes, prefix_, bits_);
}

bool any_contains(const std::vector<AddressRange>& ranges, std::string_view address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace piperoll::base
