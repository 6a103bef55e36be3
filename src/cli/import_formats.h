#pragma once
// Lines of other systems' audit files as events. Pure functions.
//
// Members that have no place in the event model are kept in metadata. Texts over a limit of the
// model are cut; a line that still makes no valid event is an error that says why.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "event/event.h"

namespace piperoll::cli {

enum class ImportFormat { Native, Frontier, CloudTrail, Kubernetes };
std::optional<ImportFormat> parse_import_format(
    std::string_view name);  // native frontier cloudtrail k8s

struct LinePlace {
  std::string_view file;  // its path; endings .gz and .zst do not count
  std::uint64_t line_number = 1;
};

// The events of one line: one, or those of a CloudTrail {"Records":[…]} or a Kubernetes EventList
// ({"event":{…}} around either is looked through). Empty for the last line of a native export.
// An event without an id gets one made of the line's bytes and its place, so that importing the
// same file again stores nothing twice.
base::Result<std::vector<event::Event>> read_import_line(ImportFormat format,
                                                         base::JsonParser& parser,
                                                         std::string_view line,
                                                         const LinePlace& place);

}  // namespace piperoll::cli
