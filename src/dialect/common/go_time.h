#pragma once
// Times, numbers and quoting as Go's standard library reads and words them: two of the surfaces
// are servers written in Go, and show their clients its errors. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/common/instant.h"

namespace piperoll::dialect {

// time.Parse with the layout time.RFC3339Nano: also takes hours of one digit, a comma before the
// fraction and offsets up to 24:60. InvalidArgument whose message is Go's:
// `parsing time "foo" as "2006-01-02T15:04:05.999999999Z07:00": cannot parse "foo" as "2006"`.
base::Result<Instant> parse_go_time(std::string_view text);

// strconv.Atoi on a 64-bit machine; `strconv.Atoi: parsing "abc": invalid syntax`.
base::Result<std::int64_t> parse_go_integer(std::string_view text);

// strconv.ParseBool; `strconv.ParseBool: parsing "abc": invalid syntax`.
base::Result<bool> parse_go_bool(std::string_view text);

std::string go_quote(std::string_view utf8);  // strconv.Quote, near enough: see go_time.cc

}  // namespace piperoll::dialect
