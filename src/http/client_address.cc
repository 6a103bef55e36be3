#include "http/client_address.h"

#include "base/ip_address.h"

namespace piperoll::http {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80" -> the address alone.
std::string_view without_port(std::string_view entry) {
  entry = trimmed(entry);
  if (entry.starts_with('[')) {
    auto end = entry.find(']');
    return end == std::string_view::npos ? std::string_view{} : entry.substr(1, end - 1);
  }
  auto colon = entry.find(':');
  bool one_colon = colon != std::string_view::npos && colon == entry.rfind(':');
  return one_colon ? entry.substr(0, colon) : entry;
}

}  // namespace

std::string client_address(std::string_view peer, const std::vector<wire::HeaderView>& headers,
                           const std::vector<base::AddressRange>& trusted) {
  std::string client(peer);
  if (!base::any_contains(trusted, peer)) {
    return client;
  }
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (!wire::header_name_equal(header->name, "X-Forwarded-For")) {
      continue;
    }
    std::string_view rest = header->value;
    while (!trimmed(rest).empty()) {
      auto comma = rest.rfind(',');
      std::size_t start = comma == std::string_view::npos ? 0 : comma + 1;
      auto address = base::canonical_ip(without_port(rest.substr(start)));
      if (!address) {
        return client;
      }
      client = *std::move(address);
      if (!base::any_contains(trusted, client)) {
        return client;
      }
      rest = rest.substr(0, start == 0 ? 0 : start - 1);
    }
  }
  return client;
}

}  // namespace piperoll::http
