#include "dialect/antidote/validation.h"

#include "base/json.h"

namespace piperoll::dialect::antidote {
namespace {

std::string loc_of(std::string_view place, std::string_view name) {
  return "[\"" + std::string(place) + "\"," + json_text(name) + "]";
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string out;
  base::append_canonical_string(out, text);
  return out;
}

std::string body_loc(std::string_view member) {
  return loc_of("body", member);
}
std::string query_loc(std::string_view parameter) {
  return loc_of("query", parameter);
}

void Validation::add(std::string_view type, const std::string& loc, const std::string& message,
                     std::string_view input, std::string_view ctx) {
  if (details_.empty()) {
    first_ = loc + ": " + message;
  } else {
    details_.push_back(',');
  }
  base::JsonWriter json(details_);
  json.begin_object();
  json.member("type", type);
  json.key("loc").raw(loc);
  json.member("msg", message);
  json.key("input").raw(input);
  if (!ctx.empty()) {
    json.key("ctx").raw(ctx);
  }
  json.end_object();
}

base::Error Validation::error() const {
  std::string body = "{\"detail\":[" + details_ + "],\"error\":";
  base::JsonWriter json(body);
  json.begin_object();
  json.member("code", "VALIDATION_ERROR");
  json.member("message", first_);
  json.end_object();
  body.push_back('}');
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = std::move(body),
          .code = std::string(kValidationCode)};
}

}  // namespace piperoll::dialect::antidote
