// Any bytes as JSON. What is accepted has a canonical form that is read and written as itself; what
// is refused is refused by the parser and by the explainer, which reads the text independently.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "base/json_error.h"
#include "base/unicode.h"

namespace {

using namespace piperoll::base;

constexpr std::size_t kDepthMax = 16;
constexpr std::string_view kNothingFound = "JSON expected at offset 0";

std::string canonical(const JsonValue& value) {
  std::string text;
  append_canonical(text, value);
  return text;
}

// Every accessor, so that the sanitizer sees every read.
std::size_t visit(const JsonValue& value) {
  std::size_t seen = 1;
  switch (value.kind()) {
    case JsonKind::Integer:
      CHECK(value.as_integer() <= kJsonIntegerMax && value.as_integer() >= -kJsonIntegerMax);
      break;
    case JsonKind::String:
      CHECK(is_valid_utf8(value.as_string()));
      CHECK(value.as_string().find('\0') == std::string_view::npos);
      break;
    case JsonKind::Array:
      for (const JsonValue& element : value.elements()) {
        seen += visit(element);
      }
      break;
    case JsonKind::Object:
      for (const JsonMember& member : value.members()) {
        JsonValue found;
        CHECK(value.find(member.name, found));
        seen += visit(found);
      }
      break;
    default:
      break;
  }
  return seen;
}

void check_accepted(std::string_view text, const JsonValue& value) {
  CHECK(explain_json_error(text, kDepthMax).faults[0].detail == kNothingFound);
  CHECK(visit(value) > 0);
  std::string once = canonical(value);
  JsonParser parser;
  auto again = parser.parse(once, {.depth_max = kDepthMax});
  CHECK(again.has_value());
  CHECK(canonical(*again) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonParser parser;  // reused, as the server does
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = parser.parse(text, {.depth_max = kDepthMax});
  if (parsed) {
    check_accepted(text, *parsed);
  } else {
    CHECK(parsed.error().faults.size() == 1);
    CHECK(parsed.error().faults[0].detail != kNothingFound);
  }
  return 0;
}
