#include <string_view>

#include "base/check.h"
#include "query/filter.h"
#include "query/query.h"

namespace piperoll::query {

namespace {

// Quotes, backslashes and control characters are escaped, everything else stands for itself.
void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      out.append("\\x");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 0xf]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

bool is_plain(std::string_view name) {
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '.' || c == '-';
    if (!plain) {
      return false;
    }
  }
  return true;
}

// A path may hold any character; one that could be taken for our own syntax is quoted.
void append_field(std::string& out, const event::FieldRef& field) {
  const std::string name = field.print();
  out.push_back(' ');
  if (is_plain(name)) {
    out.append(name);
  } else {
    append_quoted(out, name);
  }
}

void append_bound(std::string& out, std::int64_t value, std::int64_t open) {
  out.push_back(' ');
  out.append(value == open ? "*" : std::to_string(value));
}

const char* head_of(Filter::Kind kind) {
  switch (kind) {
    case Filter::Kind::All:
      return "all";
    case Filter::Kind::And:
      return "and";
    case Filter::Kind::Or:
      return "or";
    case Filter::Kind::Not:
      return "not";
    case Filter::Kind::Equal:
      return "=";
    case Filter::Kind::In:
      return "in";
    case Filter::Kind::Contains:
      return "contains";
    case Filter::Kind::Prefix:
      return "prefix";
    case Filter::Kind::Exists:
      return "exists";
    case Filter::Kind::Range:
      return "range";
    case Filter::Kind::Words:
      return "words";
  }
  CHECK(false);
}

bool has_field(Filter::Kind kind) {
  return kind >= Filter::Kind::Equal && kind <= Filter::Kind::Range;
}

void append(std::string& out, const Filter& filter) {
  out.push_back('(');
  out.append(head_of(filter.kind));
  if (has_field(filter.kind)) {
    append_field(out, filter.field);
  }
  if (filter.kind == Filter::Kind::Range) {
    append_bound(out, filter.min, std::numeric_limits<std::int64_t>::min());
    append_bound(out, filter.max, std::numeric_limits<std::int64_t>::max());
  }
  if (filter.shift != 0) {
    out.append(filter.shift > 0 ? " +" : " ").append(std::to_string(filter.shift));
  }
  for (const std::string& text : filter.texts) {
    out.push_back(' ');
    append_quoted(out, text);
  }
  for (const Filter& child : filter.children) {
    out.push_back(' ');
    append(out, child);
  }
  out.push_back(')');
}

}  // namespace

std::string print(const Filter& filter) {
  std::string out;
  append(out, filter);
  return out;
}

std::string print(const Sort& sort) {
  std::string out;
  for (const SortTerm& term : sort) {
    if (!out.empty()) {
      out.push_back(',');
    }
    if (term.descending) {
      out.push_back('-');
    }
    out.append(event::name_of(term.field));
    if (term.absent == Absent::Lowest) {
      out.append(":absent-lowest");
    }
  }
  return out;
}

}  // namespace piperoll::query
