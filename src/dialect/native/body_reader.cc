#include "dialect/native/body_reader.h"

#include <utility>

namespace piperoll::dialect::native {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;

BodyReader::BodyReader(std::string_view body) {
  auto parsed = parser_.parse(body);
  if (!parsed) {
    error_ = std::move(parsed).error();
  } else if (!parsed->is(JsonKind::Object)) {
    fault("", "must be a JSON object");
  } else {
    members_ = parsed->members().list();
  }
}

void BodyReader::fault(std::string pointer, std::string detail) {
  faults_.push_back({std::move(pointer), std::move(detail)});
}

std::optional<JsonValue> BodyReader::take(std::string_view name, JsonKind kind,
                                          const char* allowed) {
  for (auto member = members_.begin(); member != members_.end(); ++member) {
    if (member->name == name) {
      JsonValue value = member->value;
      members_.erase(member);
      if (value.is(JsonKind::Null)) {
        return std::nullopt;
      }
      if (!value.is(kind)) {
        fault("/" + std::string(name), allowed);
        return std::nullopt;
      }
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::string> BodyReader::take_text(std::string_view name) {
  auto value = take(name, JsonKind::String, "must be a string");
  return value ? std::optional<std::string>(value->as_string()) : std::nullopt;
}

std::string BodyReader::take_required_text(std::string_view name) {
  auto text = take_text(name);
  if (!text && faults_.empty()) {
    fault("/" + std::string(name), "is required");
  }
  return text.value_or("");
}

std::optional<bool> BodyReader::take_flag(std::string_view name) {
  auto value = take(name, JsonKind::Boolean, "must be true or false");
  return value ? std::optional<bool>(value->as_bool()) : std::nullopt;
}

base::Result<void> BodyReader::finish() {
  if (error_) {
    return *std::move(error_);
  }
  for (const base::JsonMember& member : members_) {
    fault(base::pointer_join("", member.name), "is not a member of this body");
  }
  if (faults_.empty()) {
    return {};
  }
  Error error{.kind = ErrorKind::InvalidArgument,
              .message = faults_[0].pointer + " " + faults_[0].detail,
              .code = "invalid_member"};
  error.faults = std::move(faults_);
  return error;
}

}  // namespace piperoll::dialect::native
