#pragma once
// Dates and times in Run:ai's queries: "2022-06-07", "2022-1-1", "2022-06-07T09:01:02", the latter
// with a fraction, a "Z" or an offset too. Without one they are UTC. Pure functions.

#include <optional>
#include <string_view>

#include "dialect/common/instant.h"

namespace piperoll::dialect::runai {

// What a date alone stands for: its first moment or its last.
enum class DayEnd { First, Last };

// Months and days may have one digit or two, years 4; nothing for what is no time.
std::optional<Instant> parse_local_time(std::string_view text, DayEnd day_end);

}  // namespace piperoll::dialect::runai
