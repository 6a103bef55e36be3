#include "cli/event_line.h"

#include <array>
#include <utility>

#include "base/json.h"

namespace piperoll::cli {
namespace {

using base::JsonKind;
using base::JsonValue;

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kStatusColours = {{
    {"success", "\x1b[32m"},
    {"failure", "\x1b[31m"},
    {"intent", "\x1b[33m"},
}};

JsonValue member_of(const JsonValue& object, std::string_view name) {
  JsonValue value;
  return object.find(name, value) ? value : JsonValue();
}

std::string_view first_of(std::initializer_list<std::string_view> texts) {
  for (std::string_view text : texts) {
    if (!text.empty()) {
      return text;
    }
  }
  return {};
}

// Control characters, C1 included (U+0080 to U+009F, in UTF-8 C2 80 to C2 9F), as escapes.
std::string shown(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 =
        byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    const unsigned char code = c1 ? static_cast<unsigned char>(text[++i]) : byte;
    if (c1 || byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out.push_back(kHex[code >> 4]);
      out.push_back(kHex[code & 15]);
    } else {
      out.push_back(static_cast<char>(byte));
    }
  }
  return out;
}

class Line {
 public:
  explicit Line(bool colours) : colours_(colours) {}

  // width: filled with spaces up to it.
  void add(std::string_view text, std::string_view colour = "", std::size_t width = 0) {
    if (text.empty() && width == 0) {
      return;
    }
    text_ += text_.empty() ? "" : "  ";
    const std::string safe = shown(text);
    const bool coloured = colours_ && !colour.empty();
    text_ += coloured ? std::string(colour) + safe + std::string(kReset) : safe;
    text_.append(safe.size() < width ? width - safe.size() : 0, ' ');
  }

  std::string take() { return std::move(text_); }

 private:
  const bool colours_;
  std::string text_;
};

std::string_view colour_of(std::string_view status) {
  for (const auto& [name, colour] : kStatusColours) {
    if (name == status) {
      return colour;
    }
  }
  return "";
}

// "2026-01-02T03:04:05.678901Z" as "2026-01-02 03:04:05.678".
std::string short_time(std::string time) {
  if (time.size() < 20) {
    return time;
  }
  time[10] = ' ';
  time.pop_back();
  time.resize(19 + (time.size() > 19 ? std::min<std::size_t>(time.size() - 19, 4) : 0));
  return time + std::string(23 - std::min<std::size_t>(time.size(), 23), ' ');
}

}  // namespace

base::Result<std::string> event_line(std::string_view event_json, bool colours) {
  base::JsonParser parser;
  ASSIGN_OR_RETURN(JsonValue event, parser.parse(event_json));
  if (event.text("action").empty()) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument, .message = "this is no event"};
  }
  const JsonValue actor = member_of(event, "actor");
  const JsonValue target = member_of(event, "target");
  const std::string_view status = event.text("status");
  const std::string_view severity = event.text("severity");
  std::string who(first_of({actor.text("name"), actor.text("email"), actor.text("id")}));
  const std::string_view type = target.text("type");
  const std::string_view name = first_of({target.text("name"), target.text("id")});
  const std::string what = type.empty() || name.starts_with(type)
                               ? std::string(name)
                               : std::string(type) + " " + std::string(name);
  if (!what.empty()) {
    who += (who.empty() ? "-> " : " -> ") + what;
  }
  Line line(colours);
  line.add(short_time(std::string(event.text("occurred_at"))), kDim);
  line.add(status, colour_of(status), 7);
  line.add(severity, severity == "critical" || severity == "high" ? kBold : "", 8);
  line.add(event.text("action"), kBold);
  line.add(who);
  line.add(member_of(event, "request").text("ip"), kDim);
  line.add(event.text("error"), colour_of("failure"));
  return line.take();
}

bool EventStreamReader::read_line(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.empty()) {
    return !event_.data.empty();
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (field == "data") {
    event_.data += event_.data.empty() ? "" : "\n";
    event_.data += value;
  } else if (field == "id") {
    event_.id = value;
  } else if (field == "event") {
    event_.name = value;
  }
  return false;
}

}  // namespace piperoll::cli
