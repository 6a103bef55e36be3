#pragma once
// Timestamp: microseconds since 1970-01-01T00:00:00 UTC, without leap seconds (RFC 3339, POSIX).

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::base {

struct Timestamp {
  std::int64_t micros = 0;
  auto operator<=>(const Timestamp&) const = default;
};

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr Timestamp kTimestampMin{0};                        // 1970-01-01T00:00:00Z
inline constexpr Timestamp kTimestampMax{253'402'300'799'999'999};  // 9999-12-31T23:59:59.999999Z

// A civil date and time of day, proleptic Gregorian, UTC.
struct CivilTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  int micros = 0;
};
CivilTime to_civil(Timestamp time);
// REQUIRES: fields in their ranges (month 1-12, day valid for the month, hour 0-23, ...)
Timestamp from_civil(const CivilTime& civil);
bool is_valid_date(int year, int month, int day);

// RFC 3339 date-time with any offset; 'T' and 'Z' in either case, a space for 'T'; any number of
// fraction digits, cut (not rounded) to microseconds; second 60 only as 23:59:60 UTC, which becomes
// 23:59:59.999999. InvalidArgument otherwise or outside [kTimestampMin, kTimestampMax].
Result<Timestamp> parse_rfc3339(std::string_view text);

// "2026-01-02T03:04:05.678901Z": always six digits.
std::string format_rfc3339(Timestamp time);
void append_rfc3339(std::string& out, Timestamp time);
// The same to a place that has room for kRfc3339Chars; returns its end.
inline constexpr std::size_t kRfc3339Chars = 27;
char* write_rfc3339(char* to, Timestamp time);
// The same with trailing zeros of the fraction removed, no point if none is left.
std::string format_rfc3339_trimmed(Timestamp time);
// Fraction of 0, 3 or 6 digits, whichever is the shortest exact (protobuf's JSON form).
std::string format_rfc3339_grouped(Timestamp time);
// Always three digits, cut.
std::string format_rfc3339_millis(Timestamp time);

}  // namespace piperoll::base
