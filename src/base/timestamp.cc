#include "base/timestamp.h"

#include <charconv>
#include <chrono>

namespace piperoll::base {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

Error not_a_time(const char* why) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = std::string("not an RFC 3339 date-time: ") + why};
}

std::int64_t days_since_epoch(int year, int month, int day) {
  std::chrono::year_month_day date{std::chrono::year{year},
                                   std::chrono::month{static_cast<unsigned>(month)},
                                   std::chrono::day{static_cast<unsigned>(day)}};
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  std::int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes text from the front; after the first failure everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Exactly width digits; -1 on failure.
  int number(std::size_t width) {
    if (rest_.size() < width) {
      return fail();
    }
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!is_digit(rest_[i])) {
        return fail();
      }
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  // One of the characters; '\0' on failure.
  char one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_[0]) == std::string_view::npos) {
      fail();
      return '\0';
    }
    char taken = rest_[0];
    rest_.remove_prefix(1);
    return taken;
  }

  // What follows a decimal point, cut to microseconds.
  int fraction_micros() {
    int value = 0;
    int width = 0;
    while (!rest_.empty() && is_digit(rest_[0])) {
      if (width < 6) {
        value = value * 10 + (rest_[0] - '0');
      }
      ++width;
      rest_.remove_prefix(1);
    }
    if (width == 0) {
      return fail();
    }
    for (; width < 6; ++width) {
      value *= 10;
    }
    return value;
  }

  bool starts_with(char c) const { return rest_.starts_with(c); }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  int fail() {
    ok_ = false;
    rest_ = {};
    return -1;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// "Z" or "+hh:mm" in seconds east of UTC.
std::int64_t scan_offset_seconds(Scanner& scanner, bool& in_range) {
  char sign = scanner.one_of("Zz+-");
  if (sign != '+' && sign != '-') {
    return 0;
  }
  int hours = scanner.number(2);
  scanner.one_of(":");
  int minutes = scanner.number(2);
  in_range = hours <= 23 && minutes <= 59;
  std::int64_t seconds = std::int64_t{hours} * 3600 + std::int64_t{minutes} * 60;
  return sign == '-' ? -seconds : seconds;
}

CivilTime scan_civil(Scanner& scanner) {
  CivilTime civil;
  civil.year = scanner.number(4);
  scanner.one_of("-");
  civil.month = scanner.number(2);
  scanner.one_of("-");
  civil.day = scanner.number(2);
  scanner.one_of("Tt ");
  civil.hour = scanner.number(2);
  scanner.one_of(":");
  civil.minute = scanner.number(2);
  scanner.one_of(":");
  civil.second = scanner.number(2);
  if (scanner.starts_with('.')) {
    scanner.one_of(".");
    civil.micros = scanner.fraction_micros();
  }
  return civil;
}

// digits decimal digits of value, with leading zeros.
void append_padded(std::string& out, int value, int digits) {
  char buffer[12];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  for (auto size = end - buffer; size < digits; ++size) {
    out.push_back('0');
  }
  out.append(buffer, end);
}

void append_to_seconds(std::string& out, const CivilTime& civil) {
  append_padded(out, civil.year, 4);
  out.push_back('-');
  append_padded(out, civil.month, 2);
  out.push_back('-');
  append_padded(out, civil.day, 2);
  out.push_back('T');
  append_padded(out, civil.hour, 2);
  out.push_back(':');
  append_padded(out, civil.minute, 2);
  out.push_back(':');
  append_padded(out, civil.second, 2);
}

// With so many digits of the fraction (0 to 6), cut.
std::string format_with_fraction(const CivilTime& civil, int digits) {
  std::string out;
  append_to_seconds(out, civil);
  if (digits > 0) {
    int value = civil.micros;
    for (int i = digits; i < 6; ++i) {
      value /= 10;
    }
    out.push_back('.');
    append_padded(out, value, digits);
  }
  out.push_back('Z');
  return out;
}

}  // namespace

CivilTime to_civil(Timestamp time) {
  std::int64_t seconds = floor_divide(time.micros, kMicrosPerSecond);
  std::int64_t days = floor_divide(seconds, kSecondsPerDay);
  auto second_of_day = static_cast<int>(seconds - days * kSecondsPerDay);
  std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = second_of_day / 3600,
          .minute = second_of_day / 60 % 60,
          .second = second_of_day % 60,
          .micros = static_cast<int>(time.micros - seconds * kMicrosPerSecond)};
}

Timestamp from_civil(const CivilTime& civil) {
  std::int64_t seconds = days_since_epoch(civil.year, civil.month, civil.day) * kSecondsPerDay +
                         civil.hour * 3600 + civil.minute * 60 + civil.second;
  return {seconds * kMicrosPerSecond + civil.micros};
}

bool is_valid_date(int year, int month, int day) {
  if (year < -32767 || year > 32767 || month < 1 || month > 12 || day < 1 || day > 31) {
    return false;
  }
  return std::chrono::year_month_day{std::chrono::year{year},
                                     std::chrono::month{static_cast<unsigned>(month)},
                                     std::chrono::day{static_cast<unsigned>(day)}}
      .ok();
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner scanner(text);
  CivilTime civil = scan_civil(scanner);
  bool offset_in_range = true;
  std::int64_t offset_seconds = scan_offset_seconds(scanner, offset_in_range);
  if (!scanner.ok() || !scanner.at_end()) {
    return not_a_time("2026-01-02T03:04:05Z or 2026-01-02T03:04:05.678+01:00 is expected");
  }
  if (!is_valid_date(civil.year, civil.month, civil.day)) {
    return not_a_time("no such day");
  }
  if (civil.hour > 23 || civil.minute > 59 || civil.second > 60) {
    return not_a_time("no such time of day");
  }
  if (!offset_in_range) {
    return not_a_time("no such offset from UTC");
  }
  bool leap_second = civil.second == 60;
  if (leap_second) {
    civil.second = 59;
    civil.micros = 999'999;
  }
  Timestamp time{from_civil(civil).micros - offset_seconds * kMicrosPerSecond};
  if (leap_second && (time.micros + 1) % (kSecondsPerDay * kMicrosPerSecond) != 0) {
    return not_a_time("second 60 is only at 23:59:60 UTC");
  }
  if (time < kTimestampMin || time > kTimestampMax) {
    return not_a_time("the years 1970 to 9999, in UTC, are allowed");
  }
  return time;
}

void append_rfc3339(std::string& out, Timestamp time) {
  CivilTime civil = to_civil(time);
  append_to_seconds(out, civil);
  out.push_back('.');
  append_padded(out, civil.micros, 6);
  out.push_back('Z');
}

std::string format_rfc3339(Timestamp time) {
  std::string out;
  out.reserve(27);
  append_rfc3339(out, time);
  return out;
}

std::string format_rfc3339_trimmed(Timestamp time) {
  CivilTime civil = to_civil(time);
  int digits = civil.micros == 0 ? 0 : 6;
  for (int rest = civil.micros; rest != 0 && rest % 10 == 0; rest /= 10) {
    --digits;
  }
  return format_with_fraction(civil, digits);
}

std::string format_rfc3339_grouped(Timestamp time) {
  CivilTime civil = to_civil(time);
  int digits = civil.micros == 0 ? 0 : civil.micros % 1000 == 0 ? 3 : 6;
  return format_with_fraction(civil, digits);
}

std::string format_rfc3339_millis(Timestamp time) {
  return format_with_fraction(to_civil(time), 3);
}

}  // namespace piperoll::base
