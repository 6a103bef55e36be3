#include "base/ip_address.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>

namespace piperoll::base {
namespace {

using Groups = std::array<std::uint16_t, 8>;

struct Run {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// RFC 5952 section 4.2: the longest run of at least two zero groups, the first of equals.
Run longest_zero_run(const Groups& groups) {
  Run best;
  Run current;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] != 0) {
      current = Run{i + 1, 0};
      continue;
    }
    ++current.size;
    if (current.size > best.size) {
      best = current;
    }
  }
  return best.size >= 2 ? best : Run{};
}

std::string format_v4(const unsigned char* bytes) {
  std::string text;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      text.push_back('.');
    }
    text += std::to_string(bytes[i]);
  }
  return text;
}

std::string format_v6(const std::array<unsigned char, 16>& bytes) {
  Groups groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  Run zeros = longest_zero_run(groups);
  // Section 5: IPv4-mapped addresses keep their dotted quad.
  if (zeros.begin == 0 && zeros.size == 5 && groups[5] == 0xffff) {
    return "::ffff:" + format_v4(&bytes[12]);
  }
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (zeros.size > 0 && i == zeros.begin) {
      text += "::";
      i += zeros.size - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) {
      text.push_back(':');
    }
    char digits[4];
    auto end = std::to_chars(digits, digits + sizeof digits, groups[i], 16).ptr;
    text.append(digits, end);
  }
  return text;
}

}  // namespace

Result<std::string> canonical_ip(std::string_view text) {
  // inet_pton wants a terminated string; nothing longer than this is an address.
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() < terminated.size() && text.find('\0') == std::string_view::npos) {
    std::copy(text.begin(), text.end(), terminated.begin());
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, terminated.data(), bytes.data()) == 1) {
      return format_v4(bytes.data());
    }
    if (inet_pton(AF_INET6, terminated.data(), bytes.data()) == 1) {
      return format_v6(bytes);
    }
  }
  return Error{.kind = ErrorKind::InvalidArgument, .message = "not an IPv4 or IPv6 address"};
}

}  // namespace piperoll::base
