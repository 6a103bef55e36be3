#include "event/canonical_scan.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/unicode.h"

namespace piperoll::event {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// The index behind the closing quote of the string that starts at text[start] == '"'.
std::size_t string_end(std::string_view text, std::size_t start) {
  for (std::size_t at = start + 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      return at + 1;
    }
    if (text[at] == '\\') {
      ++at;
    }
  }
  return kNone;
}

bool is_opening(char c) {
  return c == '{' || c == '[';
}

bool is_closing(char c) {
  return c == '}' || c == ']';
}

// The index behind the object or array that starts at text[start].
std::size_t container_end(std::string_view text, std::size_t start) {
  std::size_t open = 0;
  std::size_t at = start;
  while (at < text.size()) {
    char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      if (at == kNone) {
        return kNone;
      }
      continue;
    }
    ++at;
    if (is_opening(c)) {
      ++open;
    } else if (is_closing(c) && --open == 0) {
      return at;
    }
  }
  return kNone;
}

// The index behind the value that starts at text[start]; kNone where it has no end.
std::size_t value_end(std::string_view text, std::size_t start) {
  if (start >= text.size()) {
    return kNone;
  }
  if (text[start] == '"') {
    return string_end(text, start);
  }
  if (is_opening(text[start])) {
    return container_end(text, start);
  }
  std::size_t end = text.find_first_of(",}]", start);
  return end == start ? kNone : end;
}

// The value of count hexadecimal digits, -1 if there are not so many.
int hex_number(std::string_view digits, std::size_t count) {
  if (digits.size() < count) {
    return -1;
  }
  int value = 0;
  for (char c : digits.substr(0, count)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::size_t digit = kDigits.find(c);
    if (digit == kNone) {
      return -1;
    }
    value = value * 16 + static_cast<int>(digit);
  }
  return value;
}

char simple_escape(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

// Is name the whole of path, or its beginning up to a dot?
bool leads(std::string_view name, std::string_view path) {
  return path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '.');
}

}  // namespace

MemberCursor::MemberCursor(std::string_view object) {
  if (object.size() > 2 && object.front() == '{') {
    rest_ = object.substr(1);
  }
}

bool MemberCursor::next() {
  if (rest_.empty() || rest_.front() != '"') {
    return false;
  }
  std::size_t name_end = string_end(rest_, 0);
  if (name_end == kNone || name_end >= rest_.size() || rest_[name_end] != ':') {
    rest_ = {};
    return false;
  }
  std::size_t end = value_end(rest_, name_end + 1);
  if (end == kNone) {
    rest_ = {};
    return false;
  }
  name_ = rest_.substr(1, name_end - 2);
  value_ = rest_.substr(name_end + 1, end - name_end - 1);
  rest_.remove_prefix(end);
  if (!rest_.empty()) {
    rest_.remove_prefix(1);  // the comma, or the closing brace with nothing behind it
  }
  return true;
}

std::string_view unescaped(std::string_view raw, std::string& room) {
  std::size_t backslash = raw.find('\\');
  if (backslash == kNone) {
    return raw;
  }
  room.clear();
  while (backslash != kNone && backslash + 1 < raw.size()) {
    room.append(raw.substr(0, backslash));
    char letter = raw[backslash + 1];
    raw.remove_prefix(backslash + 2);
    int code = letter == 'u' ? hex_number(raw, 4) : -1;
    if (code >= 0) {
      base::append_utf8(room, static_cast<char32_t>(code));
      raw.remove_prefix(4);
    } else {
      room.push_back(simple_escape(letter));
    }
    backslash = raw.find('\\');
  }
  room.append(raw);
  return room;
}

std::optional<std::string_view> find_path(std::string_view object, std::string_view path) {
  // Members are sorted, and a name sorts before every longer name that begins with it: so the
  // shortest name that leads to something is met first.
  std::string room;
  for (MemberCursor members(object); members.next();) {
    std::string_view name = unescaped(members.raw_name(), room);
    if (!leads(name, path)) {
      continue;
    }
    if (name.size() == path.size()) {
      return members.value();
    }
    if (members.value().front() == '{') {
      if (auto found = find_path(members.value(), path.substr(name.size() + 1))) {
        return found;
      }
    }
  }
  return std::nullopt;
}

std::string_view value_text(std::string_view value, std::string& room) {
  if (value.size() >= 2 && value.front() == '"') {
    return unescaped(value.substr(1, value.size() - 2), room);
  }
  return value;
}

void append_string_values(std::vector<std::string>& out, std::string_view json) {
  std::string room;
  for (std::size_t at = json.find('"'); at != kNone; at = json.find('"', at)) {
    std::size_t end = string_end(json, at);
    if (end == kNone) {
      return;
    }
    bool is_name = end < json.size() && json[end] == ':';
    if (!is_name) {
      out.emplace_back(unescaped(json.substr(at + 1, end - at - 2), room));
    }
    at = end;
  }
}

std::optional<std::size_t> depth_of(std::string_view json) {
  std::size_t open = 0, deepest = 0;
  std::size_t at = 0;
  while (at < json.size()) {
    char c = json[at];
    if (c == '"') {
      at = string_end(json, at);
      if (at == kNone) {
        return std::nullopt;
      }
      continue;
    }
    ++at;
    if (is_opening(c)) {
      deepest = std::max(deepest, ++open);
    } else if (is_closing(c) && open-- == 0) {
      return std::nullopt;
    }
  }
  return open == 0 ? std::optional(deepest) : std::nullopt;
}

std::size_t depth_bound(std::string_view json) {
  // '[' and '{' differ in bit 20 (hex) alone. A byte of x that is zero was one of them; the test
  // for zero bytes may take a byte above a zero one for zero too, so the count is never too low.
  constexpr std::uint64_t kOnes = 0x0101010101010101U, kHighs = kOnes << 7;
  constexpr std::size_t kBlock = 255 * 8;  // no byte of the sums runs over
  std::size_t count = 0;
  std::size_t at = 0;
  while (at + 8 <= json.size()) {
    std::uint64_t sums = 0;
    for (std::size_t end = std::min(json.size(), at + kBlock); at + 8 <= end; at += 8) {
      std::uint64_t word;
      std::memcpy(&word, json.data() + at, 8);
      std::uint64_t x = (word | kOnes * 0x20) ^ kOnes * '{';
      sums += ((x - kOnes) & ~x & kHighs) >> 7;
    }
    for (; sums != 0; sums >>= 8) {
      count += sums & 0xff;
    }
  }
  return count + static_cast<std::size_t>(std::count_if(
                     json.begin() + static_cast<std::ptrdiff_t>(at), json.end(), is_opening));
}

}  // namespace piperoll::event
