#include "dialect/runai/local_time.h"

#include <charconv>
#include <string>

namespace piperoll::dialect::runai {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes digits_min to digits_max digits from the front of text.
std::optional<int> take_number(std::string_view& text, std::size_t digits_min,
                               std::size_t digits_max) {
  std::size_t digits = 0;
  while (digits < text.size() && digits < digits_max && is_digit(text[digits])) {
    ++digits;
  }
  if (digits < digits_min) {
    return std::nullopt;
  }
  int value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

struct Date {
  int year = 0, month = 0, day = 0;
};

std::optional<Date> take_date(std::string_view& text) {
  std::optional<int> year = take_number(text, 4, 4);
  if (!year || !take(text, '-')) {
    return std::nullopt;
  }
  std::optional<int> month = take_number(text, 1, 2);
  if (!month || !take(text, '-')) {
    return std::nullopt;
  }
  std::optional<int> day = take_number(text, 1, 2);
  if (!day || !base::is_valid_date(*year, *month, *day)) {
    return std::nullopt;
  }
  return Date{*year, *month, *day};
}

void append_padded(std::string& out, int value, std::size_t digits) {
  std::string text = std::to_string(value);
  out.append(digits > text.size() ? digits - text.size() : 0, '0').append(text);
}

// The date in the form of RFC 3339.
std::string padded(const Date& date) {
  std::string out;
  append_padded(out, date.year, 4);
  append_padded(out += '-', date.month, 2);
  append_padded(out += '-', date.day, 2);
  return out;
}

bool has_zone(std::string_view time) {
  return time.find_first_of("Zz+-") != std::string_view::npos;
}

}  // namespace

std::optional<Instant> parse_local_time(std::string_view text, DayEnd day_end) {
  std::optional<Date> date = take_date(text);
  if (!date) {
    return std::nullopt;
  }
  if (text.empty()) {
    std::int64_t start = micros_of({date->year, date->month, date->day}, 0);
    return Instant{day_end == DayEnd::First ? start : start + kMicrosPerDay - 1, false};
  }
  // The rest is RFC 3339's, but for the zone that may be missing.
  return parse_instant(padded(*date) + std::string(text) + (has_zone(text) ? "" : "Z"));
}

}  // namespace piperoll::dialect::runai
