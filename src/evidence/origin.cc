#include "evidence/origin.h"

namespace piperoll::evidence {
namespace {

constexpr std::string_view kAccess = "/access";

}  // namespace

std::string origin_of(std::string_view server_name, const event::LogId& log) {
  std::string origin(server_name);
  origin.append("/").append(log.org.to_string());
  if (log.kind == event::LogKind::Access) {
    origin.append(kAccess);
  }
  return origin;
}

std::optional<Origin> parse_origin(std::string_view text) {
  Origin origin;
  if (text.ends_with(kAccess)) {
    origin.log.kind = event::LogKind::Access;
    text.remove_suffix(kAccess.size());
  }
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0) {
    return std::nullopt;
  }
  const std::optional<base::Uuid> org = base::parse_canonical_uuid(text.substr(slash + 1));
  if (!org) {
    return std::nullopt;
  }
  origin.log.org = *org;
  origin.server_name = text.substr(0, slash);
  return origin;
}

}  // namespace piperoll::evidence
