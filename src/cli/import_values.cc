#include "cli/import_values.h"

#include <algorithm>
#include <vector>

namespace piperoll::cli {

using base::JsonKind;
using base::JsonMember;
using base::JsonValue;

std::optional<JsonValue> value_at(const JsonValue& object,
                                  std::initializer_list<std::string_view> path) {
  JsonValue value = object;
  for (std::string_view name : path) {
    JsonValue member;
    if (!value.is(JsonKind::Object) || !value.find(name, member)) {
      return std::nullopt;
    }
    value = member;
  }
  return value.is(JsonKind::Null) ? std::nullopt : std::optional(value);
}

std::string cut_code_points(std::string_view text, std::size_t code_points_max) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && count++ == code_points_max) {
      return std::string(text.substr(0, i));
    }
  }
  return std::string(text);
}

std::optional<std::string> text_at(const JsonValue& object,
                                   std::initializer_list<std::string_view> path,
                                   std::size_t code_points_max) {
  auto value = value_at(object, path);
  if (!value || value->is(JsonKind::Object) || value->is(JsonKind::Array)) {
    return std::nullopt;
  }
  if (!value->is(JsonKind::String)) {
    std::string text;
    base::append_canonical(text, *value);
    return text;
  }
  if (value->as_string().empty()) {
    return std::nullopt;
  }
  return cut_code_points(value->as_string(), code_points_max);
}

std::string rest_of(const JsonValue& object, std::initializer_list<std::string_view> without) {
  std::vector<JsonMember> rest;
  for (const JsonMember& member : object.members()) {
    const bool taken = std::find(without.begin(), without.end(), member.name) != without.end();
    if (!taken && !member.value.is(JsonKind::Null)) {
      rest.push_back(member);
    }
  }
  if (rest.empty()) {
    return "";
  }
  std::sort(rest.begin(), rest.end(), [](const JsonMember& a, const JsonMember& b) {
    return base::utf16_less(a.name, b.name);
  });
  std::string out = "{";
  for (const JsonMember& member : rest) {
    if (out.size() > 1) {
      out.push_back(',');
    }
    base::append_canonical_string(out, member.name);
    out.push_back(':');
    base::append_canonical(out, member.value);
  }
  out.push_back('}');
  return out;
}

std::string object_at(const JsonValue& object, std::initializer_list<std::string_view> path) {
  auto value = value_at(object, path);
  return value && value->is(JsonKind::Object) ? rest_of(*value, {}) : "";
}

}  // namespace piperoll::cli
