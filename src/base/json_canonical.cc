#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include <emmintrin.h>

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
constexpr std::size_t kEscapedBytesMax = 6;  // of one byte: \u00xx

// REQUIRES: room for kEscapedBytesMax at out. Returns the end of what it wrote, as the others do.
char* write_escaped(char* out, char c) {
  constexpr char kHexDigits[] = "0123456789abcdef";
  char escape = kEscapes[static_cast<unsigned char>(c)];
  if (escape == 0) {
    *out = c;
    return out + 1;
  }
  *out++ = '\\';
  *out++ = escape;
  if (escape == 'u') {
    *out++ = '0';
    *out++ = '0';
    *out++ = kHexDigits[c >> 4];
    *out++ = kHexDigits[c & 15];
  }
  return out;
}

// Does any of the sixteen bytes need an escape?
bool has_special(__m128i bytes) {
  __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  // A byte that is its own unsigned minimum with 1f is a control.
  __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)) != 0;
}

char* write_each(char* out, std::string_view text) {
  for (char c : text) {
    out = write_escaped(out, c);
  }
  return out;
}

template <class Word>
Word load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// One word from the front and one from the back, which overlap unless the text is two words long.
// REQUIRES: a size of one word to two.
template <class Word>
char* write_two_words(char* out, std::string_view text) {
  std::size_t back_at = text.size() - sizeof(Word);
  auto front = load<Word>(text.data());
  auto back = load<Word>(text.data() + back_at);
  __m128i all = sizeof(Word) == 8
                    ? _mm_set_epi64x(static_cast<long long>(back), static_cast<long long>(front))
                    : _mm_set1_epi64x(static_cast<long long>(std::uint64_t{back} << 32 | front));
  if (has_special(all)) {
    return write_each(out, text);
  }
  std::memcpy(out, &front, sizeof front);
  std::memcpy(out + back_at, &back, sizeof back);
  return out + text.size();
}

// REQUIRES: room for kEscapedBytesMax times the size of text at out.
char* write_string_content(char* out, std::string_view text) {
  for (; text.size() >= 16; text.remove_prefix(16)) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data()));
    if (has_special(bytes)) {
      out = write_each(out, text.substr(0, 16));
    } else {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
      out += 16;
    }
  }
  if (text.size() >= 8) {
    return write_two_words<std::uint64_t>(out, text);
  }
  if (text.size() >= 4) {
    return write_two_words<std::uint32_t>(out, text);
  }
  return write_each(out, text);
}

// Writes to a buffer on the stack and passes it on to a string when full and at the end: cheaper
// than many small appends.
class Output {
 public:
  explicit Output(std::string& out) : out_(out) {}
  ~Output() { flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void put(char c) { *room(1) = c, ++used_; }

  // REQUIRES: short.
  void put(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    used_ += text.size();
  }

  void put_zeros(int count) {
    for (int i = 0; i < count; ++i) {
      put('0');
    }
  }

  void put_integer(std::int64_t value) {
    char* begin = room(kIntegerBytesMax);
    used_ +=
        static_cast<std::size_t>(std::to_chars(begin, begin + kIntegerBytesMax, value).ptr - begin);
  }

  void put_string(std::string_view text) {
    put('"');
    for (; text.size() > kSliceBytes; text.remove_prefix(kSliceBytes)) {
      put_slice(text.substr(0, kSliceBytes));
    }
    put_slice(text);
    put('"');
  }

 private:
  static constexpr std::size_t kIntegerBytesMax = 20;
  static constexpr std::size_t kSliceBytes = 128;
  static constexpr std::size_t kBufferBytes = 2048;
  static_assert(kSliceBytes * kEscapedBytesMax <= kBufferBytes);

  void put_slice(std::string_view slice) {
    char* begin = room(slice.size() * kEscapedBytesMax);
    used_ += static_cast<std::size_t>(write_string_content(begin, slice) - begin);
  }

  char* room(std::size_t bytes) {
    if (kBufferBytes - used_ < bytes) [[unlikely]] {
      flush();
    }
    return buffer_ + used_;
  }

  void flush() {
    out_.append(buffer_, used_);
    used_ = 0;
  }

  std::string& out_;
  std::size_t used_ = 0;
  char buffer_[kBufferBytes];  // not cleared
};

// value = 0.digits * 10^point
struct Decimal {
  std::string_view digits;
  int point;
};

// ECMAScript Number::toString for what is not written as a plain integer or fraction.
void put_with_exponent(Output& out, const Decimal& decimal) {
  out.put(decimal.digits[0]);
  if (decimal.digits.size() > 1) {
    out.put('.');
    out.put(decimal.digits.substr(1));
  }
  int exponent = decimal.point - 1;
  out.put(exponent < 0 ? "e-" : "e+");
  out.put_integer(std::abs(exponent));
}

void put_decimal(Output& out, const Decimal& decimal) {
  auto size = static_cast<int>(decimal.digits.size());
  if (decimal.point > 21 || decimal.point <= -6) {
    put_with_exponent(out, decimal);
  } else if (decimal.point <= 0) {
    out.put("0.");
    out.put_zeros(-decimal.point);
    out.put(decimal.digits);
  } else if (decimal.point >= size) {
    out.put(decimal.digits);
    out.put_zeros(decimal.point - size);
  } else {
    auto whole = static_cast<std::size_t>(decimal.point);
    out.put(decimal.digits.substr(0, whole));
    out.put('.');
    out.put(decimal.digits.substr(whole));
  }
}

void put_number(Output& out, double value) {
  CHECK(std::isfinite(value));
  if (value == 0) {
    out.put('0');  // -0 too
    return;
  }
  if (value < 0) {
    out.put('-');
    value = -value;
  }
  // The shortest digits that read back as the same double: "d.ddde+xx" or "de+xx".
  char buffer[32];
  char* end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  char* mark = std::find(buffer, end, 'e');
  int exponent = 0;
  std::from_chars(mark[1] == '+' ? mark + 2 : mark + 1, end, exponent);
  char* digits_end = mark;
  if (mark > buffer + 1) {  // takes the point out
    digits_end = std::copy(buffer + 2, mark, buffer + 1);
  }
  put_decimal(out, {.digits = {buffer, static_cast<std::size_t>(digits_end - buffer)},
                    .point = exponent + 1});
}

void put_value(Output& out, const JsonTape& tape, std::size_t index);

void put_array(Output& out, const JsonTape& tape, std::size_t index) {
  out.put('[');
  std::size_t end = tape.closing(index);
  for (std::size_t at = index + 1; at < end; at = tape.after(at)) {
    if (at != index + 1) {
      out.put(',');
    }
    put_value(out, tape, at);
  }
  out.put(']');
}

// The name stands at index, its value behind it.
struct TapeMember {
  std::uint64_t head;  // the first eight bytes of the name, big-endian, zeros behind
  std::size_t index;
};

void put_members(Output& out, const JsonTape& tape, TapeMember* begin, TapeMember* end) {
  std::sort(begin, end, [&tape](const TapeMember& a, const TapeMember& b) {
    constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
    // Most names differ in their first eight bytes; between ASCII their order is that of UTF-16.
    if (a.head != b.head && ((a.head | b.head) & kHighBits) == 0) [[likely]] {
      return a.head < b.head;
    }
    return utf16_less(tape.string(a.index), tape.string(b.index));
  });
  out.put('{');
  for (TapeMember* member = begin; member != end; ++member) {
    if (member != begin) {
      out.put(',');
    }
    out.put_string(tape.string(member->index));
    out.put(':');
    put_value(out, tape, member->index + 1);
  }
  out.put('}');
}

void put_object(Output& out, const JsonTape& tape, std::size_t index) {
  constexpr std::size_t kFew = 32;  // objects of ordinary size are sorted on the stack
  TapeMember few[kFew];
  std::vector<TapeMember> many;
  std::size_t count = 0;
  std::size_t end = tape.closing(index);
  for (std::size_t at = index + 1; at < end; at = tape.after(at + 1)) {
    TapeMember member{__builtin_bswap64(head_of(tape.string(at))), at};
    if (count < kFew) {
      few[count++] = member;
      continue;
    }
    if (many.empty()) {
      many.assign(few, few + kFew);
    }
    many.push_back(member);
  }
  if (many.empty()) {
    put_members(out, tape, few, few + count);
  } else {
    put_members(out, tape, many.data(), many.data() + many.size());
  }
}

void put_value(Output& out, const JsonTape& tape, std::size_t index) {
  switch (tape.type(index)) {
    case '{':
      return put_object(out, tape, index);
    case '[':
      return put_array(out, tape, index);
    case '"':
      return out.put_string(tape.string(index));
    case 'l':
      return out.put_integer(tape.number<std::int64_t>(index));
    case 'd':
      return put_number(out, tape.number<double>(index));
    case 't':
      return out.put("true");
    case 'f':
      return out.put("false");
    default:
      return out.put("null");
  }
}

}  // namespace

void append_canonical(std::string& out, const JsonValue& value) {
  Output output(out);
  if (value.is(JsonKind::Null)) {
    output.put("null");
  } else {
    put_value(output, JsonAccess::tape(value), JsonAccess::index(value));
  }
}

void append_canonical_string(std::string& out, std::string_view utf8) {
  Output(out).put_string(utf8);
}

char* write_canonical_string(char* to, std::string_view utf8) {
  static_assert(canonical_string_bytes_max(1) == kEscapedBytesMax + 2);
  *to++ = '"';
  to = write_string_content(to, utf8);
  *to++ = '"';
  return to;
}

void append_canonical_number(std::string& out, double value) {
  Output output(out);
  put_number(output, value);
}

bool utf16_less(std::string_view a, std::string_view b) {
  std::size_t common = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (at < common && a[at] == b[at]) {
    ++at;
  }
  if (at == common) {
    return a.size() < b.size();
  }
  auto left = static_cast<unsigned char>(a[at]);
  auto right = static_cast<unsigned char>(b[at]);
  // UTF-16 differs from the order of bytes in one point: code points above U+FFFF (lead byte f0 and
  // up) begin with a surrogate, which is below U+E000 to U+FFFF (lead bytes ee and ef).
  if (left >= 0xee && right >= 0xee && (left >= 0xf0) != (right >= 0xf0)) {
    return left >= 0xf0;
  }
  return left < right;
}

}  // namespace piperoll::base
