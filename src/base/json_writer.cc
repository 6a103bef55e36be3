#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/json.h"
#include "base/json_tape.h"

namespace piperoll::base {
namespace {

// What follows the backslash; 'u' for \u00xx; 0 for a character that stands for itself.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (std::size_t control = 0; control < 0x20; ++control) {
    escapes[control] = 'u';
  }
  escapes['\b'] = 'b';
  escapes['\t'] = 't';
  escapes['\n'] = 'n';
  escapes['\f'] = 'f';
  escapes['\r'] = 'r';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}

constexpr std::array<char, 256> kEscapes = make_escapes();

char escape_of(char c) {
  return kEscapes[static_cast<unsigned char>(c)];
}

void append_escaped(std::string& out, char c) {
  constexpr char kHexDigits[] = "0123456789abcdef";
  char escape = escape_of(c);
  out.push_back('\\');
  out.push_back(escape);
  if (escape == 'u') {
    out.append("00");
    out.push_back(kHexDigits[c >> 4]);
    out.push_back(kHexDigits[c & 15]);
  }
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  char buffer[24];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

// value = 0.digits * 10^point
struct Decimal {
  std::string_view digits;
  int point;
};

// ECMAScript Number::toString, steps 6 to 12, for what is not a plain integer or fraction.
void append_with_exponent(std::string& out, const Decimal& decimal) {
  out.push_back(decimal.digits[0]);
  if (decimal.digits.size() > 1) {
    out.push_back('.');
    out.append(decimal.digits.substr(1));
  }
  int exponent = decimal.point - 1;
  out.append(exponent < 0 ? "e-" : "e+");
  append_integer(out, std::abs(exponent));
}

void append_decimal(std::string& out, const Decimal& decimal) {
  auto size = static_cast<int>(decimal.digits.size());
  if (decimal.point > 21 || decimal.point <= -6) {
    append_with_exponent(out, decimal);
  } else if (decimal.point <= 0) {
    out.append("0.");
    out.append(static_cast<std::size_t>(-decimal.point), '0');
    out.append(decimal.digits);
  } else if (decimal.point >= size) {
    out.append(decimal.digits);
    out.append(static_cast<std::size_t>(decimal.point - size), '0');
  } else {
    auto whole = static_cast<std::size_t>(decimal.point);
    out.append(decimal.digits.substr(0, whole));
    out.push_back('.');
    out.append(decimal.digits.substr(whole));
  }
}

void append_value(std::string& out, const JsonTape& tape, std::size_t index);

void append_array(std::string& out, const JsonTape& tape, std::size_t index) {
  out.push_back('[');
  std::size_t end = tape.closing(index);
  for (std::size_t at = index + 1; at < end; at = tape.after(at)) {
    if (at != index + 1) {
      out.push_back(',');
    }
    append_value(out, tape, at);
  }
  out.push_back(']');
}

struct TapeMember {
  std::string_view name;
  std::size_t value = 0;
};

void append_members(std::string& out, const JsonTape& tape, TapeMember* begin, TapeMember* end) {
  std::sort(begin, end,
            [](const TapeMember& a, const TapeMember& b) { return utf16_less(a.name, b.name); });
  out.push_back('{');
  for (TapeMember* member = begin; member != end; ++member) {
    if (member != begin) {
      out.push_back(',');
    }
    append_canonical_string(out, member->name);
    out.push_back(':');
    append_value(out, tape, member->value);
  }
  out.push_back('}');
}

void append_object(std::string& out, const JsonTape& tape, std::size_t index) {
  // Objects of ordinary size are sorted on the stack.
  std::array<TapeMember, 24> few;
  std::vector<TapeMember> many;
  std::size_t count = 0;
  std::size_t end = tape.closing(index);
  for (std::size_t at = index + 1; at < end; at = tape.after(at + 1)) {
    TapeMember member{tape.string(at), at + 1};
    if (count < few.size()) {
      few[count] = member;
    } else {
      if (many.empty()) {
        many.assign(few.begin(), few.end());
      }
      many.push_back(member);
    }
    ++count;
  }
  if (many.empty()) {
    append_members(out, tape, few.data(), few.data() + count);
  } else {
    append_members(out, tape, many.data(), many.data() + count);
  }
}

void append_value(std::string& out, const JsonTape& tape, std::size_t index) {
  switch (tape.type(index)) {
    case '{':
      return append_object(out, tape, index);
    case '[':
      return append_array(out, tape, index);
    case '"':
      return append_canonical_string(out, tape.string(index));
    case 'l':
      return append_integer(out, tape.number<std::int64_t>(index));
    case 'd':
      return append_canonical_number(out, tape.number<double>(index));
    case 't':
      out.append("true");
      return;
    case 'f':
      out.append("false");
      return;
    default:
      out.append("null");
  }
}

}  // namespace

void append_canonical(std::string& out, const JsonValue& value) {
  if (value.is(JsonKind::Null)) {
    out.append("null");
    return;
  }
  append_value(out, JsonAccess::tape(value), JsonAccess::index(value));
}

void append_canonical_string(std::string& out, std::string_view utf8) {
  out.push_back('"');
  std::size_t begin = 0;  // of what is not yet copied
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    if (escape_of(utf8[at]) == 0) [[likely]] {
      continue;
    }
    out.append(utf8.substr(begin, at - begin));
    append_escaped(out, utf8[at]);
    begin = at + 1;
  }
  out.append(utf8.substr(begin));
  out.push_back('"');
}

void append_canonical_number(std::string& out, double value) {
  CHECK(std::isfinite(value));
  if (value == 0) {
    out.push_back('0');  // -0 too
    return;
  }
  if (value < 0) {
    out.push_back('-');
    value = -value;
  }
  // Shortest digits that read back as the same double: "d.ddde+xx" or "de+xx".
  char buffer[32];
  char* end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  char* exponent_mark = std::find(buffer, end, 'e');
  int exponent = 0;
  const char* exponent_begin = exponent_mark + (exponent_mark[1] == '+' ? 2 : 1);
  std::from_chars(exponent_begin, end, exponent);
  char* digits_end = exponent_mark;
  if (exponent_mark > buffer + 1) {  // takes the point out
    digits_end = std::copy(buffer + 2, exponent_mark, buffer + 1);
  }
  append_decimal(out, {.digits = {buffer, static_cast<std::size_t>(digits_end - buffer)},
                       .point = exponent + 1});
}

bool utf16_less(std::string_view a, std::string_view b) {
  std::size_t common = std::min(a.size(), b.size());
  auto [in_a, in_b] =
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
  if (in_a == a.begin() + static_cast<std::ptrdiff_t>(common)) {
    return a.size() < b.size();
  }
  auto left = static_cast<unsigned char>(*in_a);
  auto right = static_cast<unsigned char>(*in_b);
  // UTF-16 differs from the order of bytes in one point: code points above U+FFFF (lead byte f0 and
  // up) begin with a surrogate, which is below U+E000 to U+FFFF (lead bytes ee and ef).
  if (left >= 0xee && right >= 0xee && (left >= 0xf0) != (right >= 0xf0)) {
    return left >= 0xf0;
  }
  return left < right;
}

void JsonWriter::separate() {
  if (needs_comma_) {
    out_.push_back(',');
  }
  needs_comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_.push_back('{');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_.push_back('}');
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_.push_back('[');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_.push_back(']');
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_canonical_string(out_, name);
  out_.push_back(':');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  append_canonical_string(out_, value);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  separate();
  append_integer(out_, value);
  return *this;
}

JsonWriter& JsonWriter::unsigned_integer(std::uint64_t value) {
  separate();
  append_integer(out_, value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_.append(value ? "true" : "false");
  return *this;
}

JsonWriter& JsonWriter::null() {
  separate();
  out_.append("null");
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

std::string pointer_join(std::string_view pointer, std::string_view token) {
  std::string joined(pointer);
  joined.push_back('/');
  for (char c : token) {
    if (c == '~') {
      joined.append("~0");
    } else if (c == '/') {
      joined.append("~1");
    } else {
      joined.push_back(c);
    }
  }
  return joined;
}

}  // namespace piperoll::base
