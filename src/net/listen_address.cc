#include "net/listen_address.h"

#include <charconv>
#include <optional>

namespace piperoll::net {
namespace {

base::Error refused(std::string_view text, const std::string& why) {
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = "listen address '" + std::string(text) + "': " + why,
          .code = "bad_listen_address"};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return port;
}

}  // namespace

base::Result<ListenAddress> parse_listen_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return refused(text, "needs a port, as in 127.0.0.1:8080");
  }
  std::string_view host = text.substr(0, colon);
  std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  if (!port) {
    return refused(text, "the port must be a number from 0 to 65535");
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() <= 2) {
      return refused(text, "needs an address between the brackets, as in [::1]:8080");
    }
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return refused(text, "an IPv6 address needs brackets, as in [::1]:8080");
  }
  if (host.find_first_of("[]/ \t") != std::string_view::npos) {
    return refused(text, "the host is neither a name nor an address");
  }
  return ListenAddress{.host = std::string(host == "*" ? "" : host), .port = *port};
}

}  // namespace piperoll::net
