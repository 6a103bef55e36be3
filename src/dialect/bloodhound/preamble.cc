#include "dialect/bloodhound/preamble.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/uuid.h"
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

base::Error bad_signature(base::ErrorKind kind, const std::string& problem) {
  return {.kind = kind,
          .message = "unable to validate request signature for client: " + problem,
          .code = "bad_signature"};
}

// Always an error; which one is what the client has to mend first.
base::Error refuse_signed(const wire::Request& request, std::string_view token_id) {
  using base::ErrorKind;
  if (!base::parse_uuid(token_id)) {
    return bad_request("Token ID is malformed.");
  }
  std::string_view date = request.header("RequestDate").value_or("");
  if (date.empty()) {
    return bad_signature(ErrorKind::InvalidArgument, "no request date header");
  }
  if (auto time = parse_go_time(date); !time) {
    return bad_signature(ErrorKind::InvalidArgument,
                         "malformed request date: " + time.error().message);
  }
  std::string_view signature = request.header("Signature").value_or("");
  if (signature.empty()) {
    return bad_signature(ErrorKind::InvalidArgument, "no signature header");
  }
  if (auto bytes = base::base64_decode(signature); !bytes) {
    return bad_signature(ErrorKind::InvalidArgument,
                         "malformed signature header: " + bytes.error().message);
  }
  return bad_signature(ErrorKind::Unauthenticated, "use of API keys has been disabled");
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

base::Result<auth::Credential> read_authorization(const wire::Request& request) {
  std::string_view header = request.header("Authorization").value_or("");
  if (header.empty()) {
    return auth::Credential{};
  }
  if (std::count(header.begin(), header.end(), ' ') != 1) {
    return bad_request("Expected only two components for the Authorization header.");
  }
  std::string scheme = ascii_lower(header.substr(0, header.find(' ')));
  std::string_view parameter = header.substr(header.find(' ') + 1);
  if (scheme == "bearer") {
    return secret_credential(parameter);
  }
  if (scheme == "bhesignature") {
    return refuse_signed(request, parameter);
  }
  return bad_request("Unexpected authorization scheme: " + scheme + ".");
}

}  // namespace piperoll::dialect::bloodhound
