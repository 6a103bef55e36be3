#include "dialect/bloodhound/preamble.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dialect/common/call.h"
#include "dialect/common/go_time.h"

namespace piperoll::dialect::bloodhound {
namespace {

base::Error bad_request(std::string message) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(message)};
}

base::Error bad_prefer(const std::string& problem) {
  return bad_request("Prefer header has an invalid value: " + problem);
}

std::string_view trimmed(std::string_view text) {
  std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) {
    return {};
  }
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

bool is_integer(std::string_view text) {
  return parse_go_integer(text).has_value();
}

// The text after "wait=" in "a=b, wait=5", or the whole of a bare integer.
std::optional<std::string_view> wait_text(std::string_view header) {
  if (is_integer(trimmed(header))) {
    return trimmed(header);
  }
  while (!header.empty()) {
    std::string_view pair = trimmed(header.substr(0, header.find(',')));
    header.remove_prefix(std::min(header.find(','), header.size() - 1) + 1);
    std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && trimmed(pair.substr(0, equals)) == "wait") {
      return trimmed(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

base::Result<std::optional<std::int64_t>> read_prefer(const wire::Request& request) {
  std::string_view header = request.header("Prefer").value_or("");
  if (header.empty()) {
    return std::optional<std::int64_t>();
  }
  std::optional<std::string_view> text = wait_text(header);
  if (!text) {
    return bad_prefer("leave field empty or specify with : 'wait=x'");
  }
  auto seconds = parse_go_integer(*text);
  if (!seconds) {
    return bad_prefer(seconds.error().message);
  }
  if (*seconds == -1) {
    return bad_prefer("failed to bypass limits: feature disabled");
  }
  if (*seconds < 0) {
    return bad_prefer("incorrect bypass limit value");
  }
  return *seconds == 0 ? std::optional<std::int64_t>() : std::optional(*seconds);
}

base::Result<Authorization> read_authorization(const wire::Request& request) {
  std::string_view header = request.header("Authorization").value_or("");
  if (header.empty()) {
    return Authorization{};
  }
  if (std::count(header.begin(), header.end(), ' ') != 1) {
    return bad_request("Expected only two components for the Authorization header.");
  }
  std::string scheme = ascii_lower(header.substr(0, header.find(' ')));
  std::string_view parameter = header.substr(header.find(' ') + 1);
  if (scheme == "bearer") {
    return Authorization{secret_credential(parameter), std::nullopt};
  }
  if (scheme == "bhesignature") {
    ASSIGN_OR_RETURN(SignatureHeaders headers, read_signature(request, parameter));
    return Authorization{std::move(headers.credential), headers.date};
  }
  return bad_request("Unexpected authorization scheme: " + scheme + ".");
}

}  // namespace piperoll::dialect::bloodhound
