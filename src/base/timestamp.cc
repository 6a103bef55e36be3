#include "base/timestamp.h"

#include <chrono>
#include <cstring>

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

// Numbers of two digits at fixed places; all are read before anyone asks whether they were digits.
class Pairs {
 public:
  explicit Pairs(std::string_view text) : text_(text) {}

  // REQUIRES: at + 2 is within the text.
  int at(std::size_t at) {
    unsigned tens = static_cast<unsigned>(text_[at]) - '0';
    unsigned ones = static_cast<unsigned>(text_[at + 1]) - '0';
    all_digits_ = all_digits_ && tens <= 9 && ones <= 9;
    return static_cast<int>((tens & 15) * 10 + (ones & 15));
  }

  bool all_digits() const { return all_digits_; }

 private:
  std::string_view text_;
  bool all_digits_ = true;
};

// "2026-01-02T03:04:05", exactly; false on anything else.
bool read_to_seconds(std::string_view text, CivilTime& civil) {
  bool marked = text[4] == '-' && text[7] == '-' && text[13] == ':' && text[16] == ':' &&
                (text[10] == 'T' || text[10] == 't' || text[10] == ' ');
  Pairs pairs(text);
  civil.year = pairs.at(0) * 100 + pairs.at(2);
  civil.month = pairs.at(5);
  civil.day = pairs.at(8);
  civil.hour = pairs.at(11);
  civil.minute = pairs.at(14);
  civil.second = pairs.at(17);
  return marked && pairs.all_digits();
}

// Takes ".678" from the front of the text, cut to microseconds; false on a point without a digit.
bool read_fraction(std::string_view& text, int& micros) {
  if (!text.starts_with('.')) {
    return true;
  }
  std::size_t at = 1;
  int scale = 100'000;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    micros += (text[at] - '0') * scale;
    scale /= 10;
  }
  text.remove_prefix(at);
  return at > 1;
}

// "Z" or "+01:00", exactly; false on anything else.
bool read_offset(std::string_view text, int& seconds_east) {
  if (text == "Z" || text == "z") {
    return true;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
    return false;
  }
  Pairs pairs(text);
  int hours = pairs.at(1);
  int minutes = pairs.at(4);
  seconds_east = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
  return pairs.all_digits() && hours <= 23 && minutes <= 59;
}

// Everything but whether there is such a day and time.
bool read_rfc3339(std::string_view text, CivilTime& civil, int& seconds_east) {
  constexpr std::size_t kToSeconds = 19;
  if (text.size() <= kToSeconds || !read_to_seconds(text.substr(0, kToSeconds), civil)) {
    return false;
  }
  text.remove_prefix(kToSeconds);
  return read_fraction(text, civil.micros) && read_offset(text, seconds_east);
}

// The text of a time, filled from the front: "2026-01-02T03:04:05.678901Z" is the longest.
class TimeText {
 public:
  explicit TimeText(const CivilTime& civil) : micros_(civil.micros) {
    number(civil.year, 4);
    mark('-');
    number(civil.month, 2);
    mark('-');
    number(civil.day, 2);
    mark('T');
    number(civil.hour, 2);
    mark(':');
    number(civil.minute, 2);
    mark(':');
    number(civil.second, 2);
  }

  // So many digits (0 to 6), cut.
  void fraction(int digits) {
    constexpr int kPowers[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
    if (digits > 0) {
      mark('.');
      number(micros_ / kPowers[digits], digits);
    }
  }

  std::string_view finish() {
    mark('Z');
    return {text_, size_};
  }

 private:
  void mark(char c) { text_[size_++] = c; }

  void number(int value, int width) {
    for (int i = width - 1; i >= 0; --i) {
      text_[size_ + static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
      value /= 10;
    }
    size_ += static_cast<std::size_t>(width);
  }

  int micros_;
  std::size_t size_ = 0;
  char text_[kRfc3339Chars];
};

std::string format_with_fraction(const CivilTime& civil, int digits) {
  TimeText text(civil);
  text.fraction(digits);
  return std::string(text.finish());
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
  CivilTime civil;
  int seconds_east = 0;
  if (!read_rfc3339(text, civil, seconds_east)) {
    return not_a_time("2026-01-02T03:04:05Z or 2026-01-02T03:04:05.678+01:00 is expected");
  }
  if (!is_valid_date(civil.year, civil.month, civil.day)) {
    return not_a_time("no such day");
  }
  if (civil.hour > 23 || civil.minute > 59 || civil.second > 60) {
    return not_a_time("no such time of day");
  }
  bool leap_second = civil.second == 60;
  if (leap_second) {
    civil.second = 59;
    civil.micros = 999'999;
  }
  Timestamp time{from_civil(civil).micros - seconds_east * kMicrosPerSecond};
  if (leap_second && (time.micros + 1) % (kSecondsPerDay * kMicrosPerSecond) != 0) {
    return not_a_time("second 60 is only at 23:59:60 UTC");
  }
  if (time < kTimestampMin || time > kTimestampMax) {
    return not_a_time("the years 1970 to 9999, in UTC, are allowed");
  }
  return time;
}

void append_rfc3339(std::string& out, Timestamp time) {
  TimeText text(to_civil(time));
  text.fraction(6);
  out.append(text.finish());
}

char* write_rfc3339(char* to, Timestamp time) {
  TimeText text(to_civil(time));
  text.fraction(6);
  std::memcpy(to, text.finish().data(), kRfc3339Chars);
  return to + kRfc3339Chars;
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
