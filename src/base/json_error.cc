#include "base/json_error.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/unicode.h"

namespace piperoll::base {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The offset of the first byte that is not part of valid UTF-8.
std::size_t valid_utf8_size(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    auto lead = static_cast<unsigned char>(text[at]);
    std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!is_valid_utf8(text.substr(at, size))) {
      break;
    }
    at += size;
  }
  return at;
}

// Stops at the first fault of a text. Every step returns false when it has found it.
class Explainer {
 public:
  Explainer(std::string_view text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

  Error explain() {
    if (!is_valid_utf8(text_)) {
      at_ = valid_utf8_size(text_);
      expected("valid UTF-8");
    } else if (read_value(nullptr, 0)) {
      skip_space();
      if (at_ == text_.size()) {
        at_ = 0;
        expected("JSON");  // the parser refused it, so something is wrong with it
      } else {
        expected("nothing more");
      }
    }
    return std::move(error_);
  }

 private:
  bool expected(const std::string& what) {
    std::string found =
        at_ < text_.size() ? "at offset " + std::to_string(at_) : "at the end of the text";
    std::string detail = what + " expected " + found;
    error_ = {.kind = ErrorKind::InvalidArgument,
              .message = "malformed JSON: " + detail,
              .code = "malformed_json",
              .faults = {Fault{"", detail}}};
    return false;
  }

  bool refuse(const JsonPlace* place, const std::string& detail) {
    error_ = invalid_json(to_pointer(place), detail);
    return false;
  }

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool take(char c) {
    if (!next_is(c)) {
      return false;
    }
    ++at_;
    return true;
  }

  void skip_space() {
    while (next_is(' ') || next_is('\t') || next_is('\n') || next_is('\r')) {
      ++at_;
    }
  }

  bool read_value(const JsonPlace* place, std::size_t depth) {
    skip_space();
    if (next_is('{') || next_is('[')) {
      if (depth == depth_max_) {
        return refuse(place, nested_too_deeply(depth_max_));
      }
      return take('{') ? read_members(place, depth + 1)
                       : take('[') && read_elements(place, depth + 1);
    }
    if (next_is('"')) {
      std::string ignored;
      return read_string(place, ignored);
    }
    if (at_ < text_.size() && (text_[at_] == '-' || is_digit(text_[at_]))) {
      return read_number(place);
    }
    for (std::string_view literal : {"true", "false", "null"}) {
      if (text_.substr(at_).starts_with(literal)) {
        at_ += literal.size();
        return true;
      }
    }
    return expected("a value");
  }

  bool read_members(const JsonPlace* place, std::size_t depth) {
    skip_space();
    if (take('}')) {
      return true;
    }
    do {
      skip_space();
      std::string name;
      JsonPlace inside{.parent = place};
      if (!next_is('"')) {
        return expected("a name in quotes");
      }
      if (!read_string(place, name)) {
        return false;
      }
      skip_space();
      if (!take(':')) {
        return expected("a colon");
      }
      inside.name = name;
      if (!read_value(&inside, depth)) {
        return false;
      }
      skip_space();
    } while (take(','));
    return take('}') || expected("a comma or }");
  }

  bool read_elements(const JsonPlace* place, std::size_t depth) {
    skip_space();
    if (take(']')) {
      return true;
    }
    JsonPlace inside{.parent = place, .in_array = true};
    do {
      if (!read_value(&inside, depth)) {
        return false;
      }
      ++inside.index;
      skip_space();
    } while (take(','));
    return take(']') || expected("a comma or ]");
  }

  // REQUIRES: a quote is next. content: the string without quotes and escapes.
  bool read_string(const JsonPlace* place, std::string& content) {
    ++at_;
    while (!take('"')) {
      if (at_ == text_.size()) {
        return expected("a closing quote");
      }
      if (static_cast<unsigned char>(text_[at_]) < 0x20) {
        return expected("no unescaped control character");
      }
      if (text_[at_] != '\\') {
        content.push_back(text_[at_++]);
      } else if (!read_escape(place, content)) {
        return false;
      }
    }
    return true;
  }

  bool read_escape(const JsonPlace* place, std::string& content) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    std::size_t begin = at_++;
    if (take('u')) {
      return read_unicode_escape(place, content, begin);
    }
    std::size_t which = at_ < text_.size() ? kLetters.find(text_[at_]) : std::string_view::npos;
    if (which == std::string_view::npos) {
      return expected("an escaped character");
    }
    content.push_back(kMeanings[which]);
    ++at_;
    return true;
  }

  bool read_unicode_escape(const JsonPlace* place, std::string& content, std::size_t begin) {
    char32_t unit = 0;
    if (!read_four_hex(unit)) {
      return false;
    }
    if (unit >= 0xd800 && unit < 0xdc00) {
      char32_t low = 0;
      if (!text_.substr(at_).starts_with("\\u")) {
        return refuse(place, kLoneSurrogate);
      }
      at_ += 2;
      if (!read_four_hex(low)) {
        return false;
      }
      if (low < 0xdc00 || low > 0xdfff) {
        return refuse(place, kLoneSurrogate);
      }
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    } else if (unit >= 0xdc00 && unit <= 0xdfff) {
      at_ = begin;
      return refuse(place, kLoneSurrogate);
    }
    append_utf8(content, unit);
    return true;
  }

  bool read_four_hex(char32_t& value) {
    unsigned parsed = 0;
    std::string_view digits = text_.substr(at_, 4);
    auto end = std::from_chars(digits.data(), digits.data() + digits.size(), parsed, 16).ptr;
    if (digits.size() < 4 || end != digits.data() + 4) {
      return expected("four hex digits");
    }
    at_ += 4;
    value = parsed;
    return true;
  }

  std::string_view read_digits() {
    std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  bool read_number(const JsonPlace* place) {
    take('-');
    std::string_view whole = read_digits();
    if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) {
      at_ -= whole.size();
      return expected("a digit, and no leading zero,");
    }
    bool is_integer = true;
    std::string_view fraction;
    if (take('.')) {
      is_integer = false;
      fraction = read_digits();
      if (fraction.empty()) {
        return expected("a digit");
      }
    }
    std::int64_t exponent = 0;
    if (next_is('e') || next_is('E')) {
      is_integer = false;
      if (!read_exponent(exponent)) {
        return false;
      }
    }
    if (is_integer && is_out_of_range(whole)) {
      return refuse(place, kIntegerOutOfRange);
    }
    if (!is_integer && is_too_large(whole, fraction, exponent)) {
      return refuse(place, "number out of range: up to 1.7976931348623157e308 is allowed");
    }
    return true;
  }

  bool read_exponent(std::int64_t& exponent) {
    ++at_;
    bool negative = take('-');
    if (!negative) {
      take('+');
    }
    std::string_view digits = read_digits();
    if (digits.empty()) {
      return expected("a digit");
    }
    constexpr std::int64_t kEnough = 1'000'000'000'000;  // more digits than any text has
    auto status = std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec;
    exponent = status == std::errc{} ? std::min(exponent, kEnough) : kEnough;
    exponent = negative ? -exponent : exponent;
    return true;
  }

  static bool is_out_of_range(std::string_view digits) {
    std::int64_t value = 0;
    auto status = std::from_chars(digits.data(), digits.data() + digits.size(), value).ec;
    return status != std::errc{} || value > kJsonIntegerMax;
  }

  // Is the number, 0.ddd * 10^magnitude, beyond the doubles?
  static bool is_too_large(std::string_view whole, std::string_view fraction,
                           std::int64_t exponent) {
    std::string digits = std::string(whole) + std::string(fraction);
    std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
    if (zeros == digits.size()) {
      return false;
    }
    auto magnitude =
        static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(zeros) + exponent;
    if (magnitude != 309) {
      return magnitude > 309;
    }
    double value = 0;
    std::string same = "0." + digits.substr(zeros) + "e309";
    return std::from_chars(same.data(), same.data() + same.size(), value).ec != std::errc{};
  }

  std::string_view text_;
  std::size_t depth_max_;
  std::size_t at_ = 0;
  Error error_;
};

}  // namespace

std::string to_pointer(const JsonPlace* place) {
  if (place == nullptr) {
    return {};
  }
  std::string parent = to_pointer(place->parent);
  return place->in_array ? pointer_join(parent, std::to_string(place->index))
                         : pointer_join(parent, place->name);
}

std::string nested_too_deeply(std::size_t depth_max) {
  return "nested too deeply: at most " + std::to_string(depth_max) +
         " levels of objects and arrays are allowed";
}

Error invalid_json(std::string pointer, std::string detail) {
  std::string message = detail;
  return {.kind = ErrorKind::InvalidArgument,
          .message = std::move(message),
          .code = "invalid_json",
          .faults = {Fault{std::move(pointer), std::move(detail)}}};
}

Error explain_json_error(std::string_view text, std::size_t depth_max) {
  return Explainer(text, depth_max).explain();
}

}  // namespace piperoll::base
