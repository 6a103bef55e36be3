#pragma once
// The origin of a log: its name in checkpoints and manifests, and the name of its key
// (docs/formats/evidence.md). Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "event/record.h"

namespace piperoll::evidence {

// "<server name>/<organisation id>", of an access log with "/access" behind it.
std::string origin_of(std::string_view server_name, const event::LogId& log);

struct Origin {
  std::string server_name;
  event::LogId log;
  bool operator==(const Origin&) const = default;
};
// The inverse; nothing for what origin_of would not give.
std::optional<Origin> parse_origin(std::string_view text);

}  // namespace piperoll::evidence
