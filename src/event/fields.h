#pragma once
// The fields of a record by name: what filters, sorts and facets speak about. Pure functions.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/record.h"

namespace piperoll::event {

enum class Field : std::uint8_t {
  Id,
  Seq,
  OccurredAt,
  RecordedAt,
  Action,
  Source,
  Category,
  Summary,
  Severity,
  Status,
  Error,
  CommitId,
  Version,
  ActorId,
  ActorType,
  ActorName,
  ActorEmail,
  TargetId,
  TargetType,
  TargetName,
  ApplicationId,
  ApplicationKey,
  ClusterId,
  RequestId,
  RequestIp,
  RequestMethod,
  RequestPath,
  RequestStatusCode,
  RequestUserAgent,
  Context,
  Params,
  Metadata,  // roots of dynamic paths
};
inline constexpr std::size_t kFieldCount = 32;

enum class FieldType : std::uint8_t { Text, Integer, Time, Object };

std::string_view name_of(Field field);  // dotted: "actor.id", "request.status_code"
std::optional<Field> field_named(std::string_view name);
FieldType type_of(Field field);

// A field, or a path below context, params or metadata. The path's tokens are joined by '.', and a
// member whose own name holds dots is found too: at each level the longest matching name wins last,
// so "a.b" finds {"a":{"b":1}} first, then {"a.b":1}.
struct FieldRef {
  Field field = Field::Action;
  std::string path;  // only for Context, Params, Metadata; empty otherwise
  bool operator==(const FieldRef&) const = default;
  std::string print() const;  // "metadata.plan"
};
// "actor.id", "metadata.a.b"; nothing for an unknown name or an empty path below an object.
std::optional<FieldRef> parse_field_ref(std::string_view name);

// Room for texts that are not stored as such.
struct FieldScratch {
  std::string text;
};

// The value as text, or nothing if absent: enumerations by name, integers in decimal, times as
// RFC 3339 with six digits, dynamic values that are not strings as canonical JSON (null is a
// present value "null"). The view is valid until record or scratch changes.
std::optional<std::string_view> text_of(const RecordView& record, const FieldRef& field,
                                        FieldScratch& scratch);
std::optional<std::string_view> text_of(const RecordView& record, Field field,
                                        FieldScratch& scratch);
// The value of an Integer or Time field (microseconds); nothing if absent or of another type.
std::optional<std::int64_t> number_of(const RecordView& record, Field field);

// Every text in the record that the word search q= looks at: all Text fields, then every string
// value (not name) at any depth of context, params and metadata, unescaped.
std::vector<std::string> texts_of(const RecordView& record);

}  // namespace piperoll::event
