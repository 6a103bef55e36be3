#include "dialect/common/go_time.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace piperoll::dialect {
namespace {

constexpr std::string_view kLayout = "2006-01-02T15:04:05.999999999Z07:00";
constexpr char kHex[] = "0123456789abcdef";

base::Error bad(std::string message) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(message)};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_hex_byte(std::string& out, char c) {
  auto byte = static_cast<unsigned char>(c);
  out.append("\\x");
  out.push_back(kHex[byte >> 4]);
  out.push_back(kHex[byte & 15]);
}

// The quoting of package time: bytes that are not printable ASCII become \xNN.
std::string quote_for_time(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (static_cast<signed char>(c) < ' ') {
      append_hex_byte(out, c);
      continue;
    }
    if (c == '"' || c == '\\') {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

// Reads the pieces of the layout from left to right; the first failure decides what is said.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text), rest_(text) {}

  base::Result<Instant> read() {
    bool read_all = read_date() && read_clock() && read_fraction() && read_zone() && read_end();
    if (!read_all) {
      return bad(std::move(error_));
    }
    if (!base::is_valid_date(civil_.year, civil_.month, civil_.day)) {
      return bad("parsing time " + quote_for_time(text_) + ": day out of range");
    }
    return Instant{micros_of(civil_, offset_seconds_), between_};
  }

 private:
  bool fail(std::string_view value, std::string_view layout_piece) {
    error_ = "parsing time " + quote_for_time(text_) + " as " + quote_for_time(kLayout) +
             ": cannot parse " + quote_for_time(value) + " as " + quote_for_time(layout_piece);
    return false;
  }
  bool fail_range(std::string_view what) {
    error_ = "parsing time " + quote_for_time(text_) + ": " + std::string(what) + " out of range";
    return false;
  }

  bool skip(char c) {
    if (!rest_.starts_with(c)) {
      return fail(rest_, std::string_view(&c, 1));
    }
    rest_.remove_prefix(1);
    return true;
  }

  // Two digits, or one where that is allowed.
  static std::optional<int> take_number(std::string_view& from, bool two_digits) {
    if (from.empty() || !is_digit(from[0])) {
      return std::nullopt;
    }
    if (from.size() < 2 || !is_digit(from[1])) {
      if (two_digits) {
        return std::nullopt;
      }
      int value = from[0] - '0';
      from.remove_prefix(1);
      return value;
    }
    int value = (from[0] - '0') * 10 + (from[1] - '0');
    from.remove_prefix(2);
    return value;
  }

  bool read_number(int& out, std::string_view layout_piece) {
    std::string_view hold = rest_;
    std::optional<int> value = take_number(rest_, layout_piece != "15");
    if (!value) {
      return fail(hold, layout_piece);
    }
    out = *value;
    return true;
  }

  bool read_year() {
    std::string_view year = rest_.substr(0, 4);
    if (year.size() < 4 || !std::all_of(year.begin(), year.end(), is_digit)) {
      return fail(rest_, "2006");
    }
    std::from_chars(year.data(), year.data() + year.size(), civil_.year);
    rest_.remove_prefix(4);
    return true;
  }

  bool read_date() {
    if (!read_year() || !skip('-') || !read_number(civil_.month, "01")) {
      return false;
    }
    if (civil_.month < 1 || civil_.month > 12) {
      return fail_range("month");
    }
    return skip('-') && read_number(civil_.day, "02") && skip('T');
  }

  bool read_clock() {
    if (!read_number(civil_.hour, "15")) {
      return false;
    }
    if (civil_.hour >= 24) {
      return fail_range("hour");
    }
    if (!skip(':') || !read_number(civil_.minute, "04")) {
      return false;
    }
    if (civil_.minute >= 60) {
      return fail_range("minute");
    }
    if (!skip(':') || !read_number(civil_.second, "05")) {
      return false;
    }
    return civil_.second < 60 || fail_range("second");
  }

  bool read_fraction() {
    bool present = rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') && is_digit(rest_[1]);
    if (!present) {
      return true;
    }
    rest_.remove_prefix(1);
    // Nanoseconds and what is finer: Go drops everything past the ninth digit.
    int unit = 100'000;
    for (int digit = 0; !rest_.empty() && is_digit(rest_[0]); ++digit, rest_.remove_prefix(1)) {
      civil_.micros += (rest_[0] - '0') * unit;
      unit /= 10;
      between_ = between_ || (digit >= 6 && digit < 9 && rest_[0] != '0');
    }
    return true;
  }

  bool read_zone() {
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      return true;
    }
    std::string_view hold = rest_;
    if (rest_.size() < 6 || rest_[3] != ':') {
      return fail(hold, "Z07:00");
    }
    char sign = rest_[0];
    std::string_view hour_text = rest_.substr(1, 2), minute_text = rest_.substr(4, 2);
    rest_.remove_prefix(6);
    std::optional<int> hours = take_number(hour_text, true);
    std::optional<int> minutes = take_number(minute_text, true);
    // The ranges are looked at first, and are wider than a clock's.
    if (hours && *hours > 24) {
      return fail_range("time zone offset hour");
    }
    if (hours && minutes && *minutes > 60) {
      return fail_range("time zone offset minute");
    }
    if (!hours || !minutes || (sign != '+' && sign != '-')) {
      return fail(hold, "Z07:00");
    }
    offset_seconds_ = std::int64_t{*hours} * 3'600 + std::int64_t{*minutes} * 60;
    offset_seconds_ = sign == '-' ? -offset_seconds_ : offset_seconds_;
    return true;
  }

  bool read_end() {
    if (rest_.empty()) {
      return true;
    }
    error_ = "parsing time " + quote_for_time(text_) + ": extra text: " + quote_for_time(rest_);
    return false;
  }

  std::string_view text_, rest_;
  base::CivilTime civil_;
  std::int64_t offset_seconds_ = 0;
  bool between_ = false;
  std::string error_;
};

// Code points that strconv.IsPrint refuses, as far as a client can be expected to send them.
bool is_unprintable(char32_t c) {
  return (c >= 0x7f && c <= 0xa0) || c == 0xad || (c >= 0x2000 && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 ||
         c == 0xfeff || (c >= 0xe000 && c <= 0xf8ff);
}

// The code point at the start of valid UTF-8, and how many bytes it takes.
char32_t first_code_point(std::string_view text, std::size_t& bytes) {
  auto lead = static_cast<unsigned char>(text[0]);
  bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  bytes = std::min(bytes, text.size());
  char32_t value = bytes == 1 ? lead : lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  return value;
}

void append_escaped(std::string& out, char32_t c) {
  constexpr std::string_view kNamed = "abtnvfr";  // \x07 to \x0d
  if (c >= 0x07 && c <= 0x0d) {
    out.push_back('\\');
    out.push_back(kNamed[c - 0x07]);
  } else if (c < 0x20 || c == 0x7f) {
    append_hex_byte(out, static_cast<char>(c));
  } else {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.push_back(kHex[c >> shift & 15]);
    }
  }
}

}  // namespace

base::Result<Instant> parse_go_time(std::string_view text) {
  return TimeReader(text).read();
}

base::Result<std::int64_t> parse_go_integer(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+') && digits.size() > 1 && is_digit(digits[1])) {
    digits.remove_prefix(1);  // from_chars takes a minus only
  }
  std::int64_t value = 0;
  auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool whole = !digits.empty() && end == digits.data() + digits.size();
  if (whole && code == std::errc{}) {
    return value;
  }
  return bad(
      "strconv.Atoi: parsing " + go_quote(text) + ": " +
      (whole && code == std::errc::result_out_of_range ? "value out of range" : "invalid syntax"));
}

base::Result<bool> parse_go_bool(std::string_view text) {
  for (std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) {
      return true;
    }
  }
  for (std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) {
      return false;
    }
  }
  return bad("strconv.ParseBool: parsing " + go_quote(text) + ": invalid syntax");
}

std::string go_quote(std::string_view utf8) {
  std::string out = "\"";
  while (!utf8.empty()) {
    std::size_t bytes = 1;
    char32_t c = first_code_point(utf8, bytes);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c < 0x20 || is_unprintable(c)) {
      append_escaped(out, c);
    } else {
      out.append(utf8.substr(0, bytes));
    }
    utf8.remove_prefix(bytes);
  }
  out.push_back('"');
  return out;
}

}  // namespace piperoll::dialect
