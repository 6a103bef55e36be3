#include "base/json_cursor.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <emmintrin.h>

#include "base/unicode.h"

namespace piperoll::base {
namespace {

constexpr std::size_t kStep = 16;  // bytes looked at together
constexpr std::size_t kDigitsMax =
    15;                               // a decimal of so many digits is a double's own shortest form
constexpr std::size_t kZerosMax = 5;  // after the point: from 1e-7 down an exponent is written

struct Stop {
  const char* at = nullptr;  // the first quote, backslash or control character; null: there is none
  bool ascii = true;         // everything before it
};

__m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// A bit for each of the sixteen bytes that is a quote, a backslash or a control character.
unsigned stops_in(__m128i bytes) {
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  // A byte that is its own unsigned minimum with 1f is a control.
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
}

unsigned highs_in(__m128i bytes) {
  return static_cast<unsigned>(_mm_movemask_epi8(bytes));
}

// From at on. Behind the end everything counts as control characters.
Stop find_stop(const char* at, const char* end) {
  Stop stop;
  for (; at < end; at += kStep) {
    __m128i bytes;
    const auto left = static_cast<std::size_t>(end - at);
    if (left >= kStep) {
      bytes = load(at);
    } else {
      char padded[kStep] = {};
      std::memcpy(padded, at, left);
      bytes = load(padded);
    }
    const unsigned stops = stops_in(bytes);
    const unsigned highs = highs_in(bytes);
    if (stops != 0) {
      const auto index = static_cast<std::size_t>(std::countr_zero(stops));
      stop.ascii = stop.ascii && (highs & ((1U << index) - 1)) == 0;
      stop.at = index < left ? at + index : nullptr;
      return stop;
    }
    stop.ascii = stop.ascii && highs == 0;
  }
  return stop;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// The closing quote of a string that goes on at at; null where there is none.
const char* closing_quote(const char* at, const char* end) {
  for (;;) {
    const Stop stop = find_stop(at, end);
    if (stop.at == nullptr || *stop.at == '"') {
      return stop.at;
    }
    if (*stop.at != '\\' || end - stop.at < 2) {
      return nullptr;
    }
    at = stop.at + 2;
  }
}

}  // namespace

bool JsonCursor::literal(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size() ||
      std::memcmp(at_, word.data(), word.size()) != 0) {
    return false;
  }
  at_ += word.size();
  return true;
}

bool JsonCursor::string(std::string_view& out) {
  skip_space();
  if (at_ == end_ || *at_ != '"') {
    return false;
  }
  const char* const begin = at_ + 1;
  if (static_cast<std::size_t>(end_ - begin) >= kStep) {  // most texts end within one step
    const __m128i bytes = load(begin);
    const unsigned stops = stops_in(bytes);
    const unsigned before = (stops - 1) & ~stops;  // bits below the first stop
    if (stops != 0 && (highs_in(bytes) & before) == 0) {
      const char* const stop = begin + std::countr_zero(stops);
      if (*stop != '"') {
        return false;
      }
      out = between(begin, stop);
      at_ = stop + 1;
      return true;
    }
  }
  const Stop stop = find_stop(begin, end_);
  if (stop.at == nullptr || *stop.at != '"') {
    return false;
  }
  const std::string_view text = between(begin, stop.at);
  if (!stop.ascii && !is_valid_utf8(text)) {
    return false;
  }
  out = text;
  at_ = stop.at + 1;
  return true;
}

bool JsonCursor::integer(std::int64_t& out) {
  skip_space();
  const char* const begin = at_;
  const char* at = begin + (begin != end_ && *begin == '-' ? 1 : 0);
  const char* const digits = at;
  std::int64_t value = 0;
  while (at != end_ && is_digit(*at) && at - digits <= static_cast<std::ptrdiff_t>(kDigitsMax)) {
    value = value * 10 + (*at - '0');
    ++at;
  }
  const auto count = static_cast<std::size_t>(at - digits);
  const bool leading_zero = count > 1 && *digits == '0';
  const bool minus_zero = value == 0 && digits != begin;
  const bool goes_on = at != end_ && (*at == '.' || *at == 'e' || *at == 'E' || is_digit(*at));
  if (count == 0 || count > kDigitsMax || leading_zero || minus_zero || goes_on) {
    return false;
  }
  out = digits == begin ? value : -value;
  at_ = at;
  return true;
}

bool JsonCursor::raw_string(std::string_view& out) {
  skip_space();
  if (at_ == end_ || *at_ != '"') {
    return false;
  }
  const char* const close = closing_quote(at_ + 1, end_);
  if (close == nullptr) {
    return false;
  }
  out = between(at_, close + 1);
  at_ = close + 1;
  return true;
}

bool JsonCursor::raw_object(std::string_view& out) {
  skip_space();
  if (at_ == end_ || *at_ != '{') {
    return false;
  }
  std::size_t depth = 0;
  for (const char* at = at_; at != end_; ++at) {
    if (*at == '"') {
      at = closing_quote(at + 1, end_);
      if (at == nullptr) {
        return false;
      }
    } else if (*at == '{' || *at == '[') {
      ++depth;
    } else if ((*at == '}' || *at == ']') && --depth == 0) {
      out = between(at_, at + 1);
      at_ = at + 1;
      return true;
    }
  }
  return false;
}

bool JsonCursor::canonical(std::string_view& out, std::size_t levels_max) {
  skip_space();
  const char* const begin = at_;
  if (at_ == end_ || *at_ != '{' || !canonical_object(levels_max)) {
    at_ = begin;
    return false;
  }
  out = between(begin, at_);
  return true;
}

// From here on a failing step leaves the cursor anywhere: canonical() takes it back. There is no
// white space to skip.

bool JsonCursor::canonical_value(std::size_t levels_max) {
  if (at_ == end_) {
    return false;
  }
  switch (*at_) {
    case '"':
      return canonical_string();
    case '{':
      return canonical_object(levels_max);
    case '[':
      return canonical_array(levels_max);
    case 't':
      return literal("true");
    case 'f':
      return literal("false");
    case 'n':
      return literal("null");
    default:
      return canonical_number();
  }
}

// Names in plain ASCII, each greater than the one before: in order, and none of them twice.
bool JsonCursor::canonical_object(std::size_t levels_max) {
  if (levels_max == 0) {
    return false;
  }
  ++at_;
  if (at_ != end_ && *at_ == '}') {
    ++at_;
    return true;
  }
  std::string_view before;
  for (bool first = true;; first = false) {
    if (at_ == end_ || *at_ != '"') {
      return false;
    }
    const Stop stop = find_stop(at_ + 1, end_);
    if (stop.at == nullptr || *stop.at != '"' || !stop.ascii) {
      return false;
    }
    const std::string_view name = between(at_ + 1, stop.at);
    at_ = stop.at + 1;
    if ((!first && name <= before) || at_ == end_ || *at_ != ':') {
      return false;
    }
    before = name;
    ++at_;
    if (!canonical_value(levels_max - 1) || at_ == end_) {
      return false;
    }
    const char next = *at_++;
    if (next != ',') {
      return next == '}';
    }
  }
}

bool JsonCursor::canonical_array(std::size_t levels_max) {
  if (levels_max == 0) {
    return false;
  }
  ++at_;
  if (at_ != end_ && *at_ == ']') {
    ++at_;
    return true;
  }
  for (;;) {
    if (!canonical_value(levels_max - 1) || at_ == end_) {
      return false;
    }
    const char next = *at_++;
    if (next != ',') {
      return next == ']';
    }
  }
}

// An escape of one letter is the canonical form of its character, but for \/.
bool JsonCursor::canonical_string() {
  const char* const begin = at_ + 1;
  const char* at = begin;
  bool ascii = true;
  for (;;) {
    const Stop stop = find_stop(at, end_);
    ascii = ascii && stop.ascii;
    if (stop.at == nullptr) {
      return false;
    }
    if (*stop.at == '"') {
      at_ = stop.at + 1;
      return ascii || is_valid_utf8(between(begin, stop.at));
    }
    constexpr std::string_view kLetters = "\"\\bfnrt";
    if (*stop.at != '\\' || end_ - stop.at < 2 ||
        kLetters.find(stop.at[1]) == std::string_view::npos) {
      return false;
    }
    at = stop.at + 2;
  }
}

// Integers and plain fractions of few digits: no other decimal of so few digits reads as the same
// double, so there is no shorter one to write.
bool JsonCursor::canonical_number() {
  const char* const begin = at_;
  if (*begin != '-' && !is_digit(*begin)) {
    return false;  // white space, which integer() would pass over
  }
  std::int64_t whole = 0;
  if (integer(whole)) {
    return true;
  }
  const char* at = begin + (*begin == '-' ? 1 : 0);
  const char* const digits = at;
  at = std::find_if_not(at, end_, is_digit);
  const auto before = static_cast<std::size_t>(at - digits);
  if (before == 0 || before > kDigitsMax || (before > 1 && *digits == '0') || at == end_ ||
      *at != '.') {
    return false;
  }
  const char* const fraction = at + 1;
  at = std::find_if_not(fraction, end_, is_digit);
  const auto after = static_cast<std::size_t>(at - fraction);
  if (after == 0 || before + after > kDigitsMax || at[-1] == '0') {
    return false;
  }
  const bool exponent = at != end_ && (*at == 'e' || *at == 'E');
  const auto zeros = static_cast<std::size_t>(
      std::find_if_not(fraction, at, [](char c) { return c == '0'; }) - fraction);
  if (exponent || (*digits == '0' && zeros > kZerosMax)) {
    return false;
  }
  at_ = at;
  return true;
}

}  // namespace piperoll::base
