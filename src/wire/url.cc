#include "wire/url.h"

#include <algorithm>
#include <cstddef>

#include "base/unicode.h"

namespace piperoll::wire {
namespace {

// -1 when c is no hexadecimal digit.
int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::optional<std::string> decode_text(std::string_view raw, Plus plus) {
  std::optional<std::string> text = percent_decode(raw, plus);
  if (text && !base::is_valid_utf8(*text)) {
    return std::nullopt;
  }
  return text;
}

// As decode_text, with something in place of what cannot be decoded.
std::string decode_anyhow(std::string_view raw, Plus plus) {
  std::string bytes;
  while (!raw.empty()) {
    // Up to the next escape, and that with it if it is one.
    std::size_t end = std::min(raw.find('%', raw.front() == '%' ? 1 : 0), raw.size());
    if (raw.front() == '%') {
      end = std::min<std::size_t>(end, 3);
    }
    const std::string_view piece = raw.substr(0, end);
    bytes += percent_decode(piece, plus).value_or(std::string(piece));
    raw.remove_prefix(end);
  }
  if (base::is_valid_utf8(bytes)) {
    return bytes;
  }
  std::string text;
  for (std::string_view rest = bytes; !rest.empty();) {
    std::size_t length = 1;
    while (length < 4 && !base::is_valid_utf8(rest.substr(0, length))) {
      ++length;
    }
    const bool is_good = base::is_valid_utf8(rest.substr(0, length));
    text += is_good ? rest.substr(0, length) : std::string_view("\xef\xbf\xbd");
    rest.remove_prefix(is_good ? std::min(length, rest.size()) : 1);
  }
  return text;
}

struct Piece {
  std::string_view name, value;
};

// Takes the next piece that is not empty from query; nothing when none is left.
std::optional<Piece> next_piece(std::string_view& query) {
  while (!query.empty()) {
    std::size_t end = std::min(query.find('&'), query.size());
    std::string_view text = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (text.empty()) {
      continue;
    }
    std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return Piece{text, {}};
    }
    return Piece{text.substr(0, equals), text.substr(equals + 1)};
  }
  return std::nullopt;
}

// What a client may be shown of bytes that are not text.
std::string shown(std::string_view raw) {
  return base::is_valid_utf8(raw) ? std::string(raw) : percent_encode(raw);
}

base::Error broken_parameter(std::string name) {
  std::string message = "query parameter " + name + ": broken percent-encoding or invalid UTF-8";
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = message,
          .code = "invalid_query",
          .faults = {{std::move(name), "must be valid UTF-8, percent-encoded"}}};
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus == Plus::Space) {
      out.push_back(' ');
    } else if (c != '%') {
      out.push_back(c);
    } else {
      int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      int low = high >= 0 ? hex_value(text[i + 2]) : -1;
      if (low < 0) {
        return std::nullopt;
      }
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

base::Result<Parameters> parse_query(std::string_view query) {
  Parameters parameters;
  while (std::optional<Piece> piece = next_piece(query)) {
    std::optional<std::string> name = decode_text(piece->name, Plus::Space);
    if (!name) {
      return broken_parameter(shown(piece->name));
    }
    std::optional<std::string> value = decode_text(piece->value, Plus::Space);
    if (!value) {
      return broken_parameter(*std::move(name));
    }
    parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

Parameters parse_query_leniently(std::string_view query) {
  Parameters parameters;
  while (std::optional<Piece> piece = next_piece(query)) {
    parameters.emplace_back(decode_anyhow(piece->name, Plus::Space),
                            decode_anyhow(piece->value, Plus::Space));
  }
  return parameters;
}

std::optional<std::string_view> find(const Parameters& parameters, std::string_view name) {
  for (const auto& [parameter, value] : parameters) {
    if (parameter == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> split_path(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return std::nullopt;
  }
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    std::size_t end = std::min(path.find('/'), path.size());
    std::optional<std::string> segment = decode_text(path.substr(0, end), Plus::Literal);
    if (!segment || segment->find('\0') != std::string::npos) {
      return std::nullopt;
    }
    segments.push_back(*std::move(segment));
    path.remove_prefix(end);
  }
  return segments;
}

}  // namespace piperoll::wire
