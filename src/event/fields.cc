#include "event/fields.h"

#include "base/timestamp.h"
#include "event/canonical_scan.h"

namespace piperoll::event {
namespace {

struct FieldInfo {
  std::string_view name;
  FieldType type;
};

// Index = value of the enumeration.
constexpr std::array<FieldInfo, kFieldCount> kFields = {{
    {"id", FieldType::Text},
    {"seq", FieldType::Integer},
    {"occurred_at", FieldType::Time},
    {"recorded_at", FieldType::Time},
    {"action", FieldType::Text},
    {"source", FieldType::Text},
    {"category", FieldType::Text},
    {"summary", FieldType::Text},
    {"severity", FieldType::Text},
    {"status", FieldType::Text},
    {"error", FieldType::Text},
    {"commit_id", FieldType::Text},
    {"version", FieldType::Text},
    {"actor.id", FieldType::Text},
    {"actor.type", FieldType::Text},
    {"actor.name", FieldType::Text},
    {"actor.email", FieldType::Text},
    {"target.id", FieldType::Text},
    {"target.type", FieldType::Text},
    {"target.name", FieldType::Text},
    {"application.id", FieldType::Text},
    {"application.key", FieldType::Text},
    {"cluster_id", FieldType::Text},
    {"request.id", FieldType::Text},
    {"request.ip", FieldType::Text},
    {"request.method", FieldType::Text},
    {"request.path", FieldType::Text},
    {"request.status_code", FieldType::Integer},
    {"request.user_agent", FieldType::Text},
    {"context", FieldType::Object},
    {"params", FieldType::Object},
    {"metadata", FieldType::Object},
}};

constexpr bool ends_with_metadata() {
  return static_cast<std::size_t>(Field::Metadata) + 1 == kFieldCount &&
         kFields[static_cast<std::size_t>(Field::RequestUserAgent)].name == "request.user_agent";
}
static_assert(ends_with_metadata(), "kFields stands in the order of Field");

const FieldInfo& info_of(Field field) {
  return kFields.at(static_cast<std::size_t>(field));
}

std::optional<std::string_view> present(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::string_view object_of(const EventView& event, Field field) {
  switch (field) {
    case Field::Context:
      return event.context;
    case Field::Params:
      return event.params;
    case Field::Metadata:
      return event.metadata;
    default:
      return {};
  }
}

std::optional<std::string_view> text_of_party(const EventView& event, Field field) {
  switch (field) {
    case Field::ActorId:
      return event.actor.id;
    case Field::ActorType:
      return event.actor.type;
    case Field::ActorName:
      return event.actor.name;
    case Field::ActorEmail:
      return event.actor.email;
    case Field::TargetId:
      return event.target.id;
    case Field::TargetType:
      return event.target.type;
    case Field::TargetName:
      return event.target.name;
    default:
      return std::nullopt;
  }
}

std::optional<std::string_view> text_of_request(const EventView& event, Field field) {
  switch (field) {
    case Field::RequestId:
      return event.request.id;
    case Field::RequestIp:
      return event.request.ip;
    case Field::RequestMethod:
      return event.request.method;
    case Field::RequestPath:
      return event.request.path;
    case Field::RequestUserAgent:
      return event.request.user_agent;
    default:
      return std::nullopt;
  }
}

// REQUIRES: a Text field.
std::optional<std::string_view> stored_text(const EventView& event, Field field) {
  switch (field) {
    case Field::Id:
      return present(event.id);
    case Field::Action:
      return event.action;
    case Field::Source:
      return event.source;
    case Field::Category:
      return event.category;
    case Field::Summary:
      return event.summary;
    case Field::Severity:
      return to_string(event.severity);
    case Field::Status:
      return to_string(event.status);
    case Field::Error:
      return event.error;
    case Field::CommitId:
      return event.commit_id;
    case Field::Version:
      return event.version;
    case Field::ApplicationId:
      return event.application.id;
    case Field::ApplicationKey:
      return event.application.key;
    case Field::ClusterId:
      return event.cluster_id;
    default:
      return field < Field::ApplicationId ? text_of_party(event, field)
                                          : text_of_request(event, field);
  }
}

}  // namespace

std::string_view name_of(Field field) {
  return info_of(field).name;
}

std::optional<Field> field_named(std::string_view name) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (kFields[i].name == name) {
      return static_cast<Field>(i);
    }
  }
  return std::nullopt;
}

FieldType type_of(Field field) {
  return info_of(field).type;
}

std::string FieldRef::print() const {
  std::string text(name_of(field));
  if (!path.empty()) {
    text.append(".").append(path);
  }
  return text;
}

std::optional<FieldRef> parse_field_ref(std::string_view name) {
  for (Field root : {Field::Context, Field::Params, Field::Metadata}) {
    std::string_view root_name = name_of(root);
    if (!name.starts_with(root_name)) {
      continue;
    }
    std::string_view rest = name.substr(root_name.size());
    if (rest.size() < 2 || rest.front() != '.') {
      return std::nullopt;
    }
    return FieldRef{root, std::string(rest.substr(1))};
  }
  std::optional<Field> field = field_named(name);
  return field ? std::optional(FieldRef{*field, {}}) : std::nullopt;
}

std::optional<std::string_view> text_of(const RecordView& record, const FieldRef& field,
                                        FieldScratch& scratch) {
  if (field.path.empty()) {
    return text_of(record, field.field, scratch);
  }
  auto value = find_path(object_of(record.event, field.field), field.path);
  return value ? std::optional(value_text(*value, scratch.text)) : std::nullopt;
}

std::optional<std::string_view> text_of(const RecordView& record, Field field,
                                        FieldScratch& scratch) {
  switch (type_of(field)) {
    case FieldType::Text:
      return stored_text(record.event, field);
    case FieldType::Object:
      return present(object_of(record.event, field));
    case FieldType::Integer:
    case FieldType::Time:
      break;
  }
  std::optional<std::int64_t> number = number_of(record, field);
  if (!number) {
    return std::nullopt;
  }
  if (type_of(field) == FieldType::Integer) {
    scratch.text = std::to_string(*number);
  } else {
    scratch.text.clear();
    base::append_rfc3339(scratch.text, Timestamp{*number});
  }
  return scratch.text;
}

std::optional<std::int64_t> number_of(const RecordView& record, Field field) {
  switch (field) {
    case Field::Seq:
      return static_cast<std::int64_t>(record.seq());
    case Field::OccurredAt:
      return record.occurred_at().micros;
    case Field::RecordedAt:
      return record.recorded_at().micros;
    case Field::RequestStatusCode:
      return record.event.request.status_code;
    default:
      return std::nullopt;
  }
}

std::vector<std::string> texts_of(const RecordView& record) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    auto field = static_cast<Field>(i);
    if (type_of(field) != FieldType::Text) {
      continue;
    }
    if (auto text = stored_text(record.event, field)) {
      texts.emplace_back(*text);
    }
  }
  for (std::string_view object :
       {record.event.context, record.event.params, record.event.metadata}) {
    append_string_values(texts, object);
  }
  return texts;
}

}  // namespace piperoll::event
