#pragma once
// Which fields of an event have an index, and their numbers on disk. Constants and pure functions.
//
// id has a family of its own, seq and the times have columns; the objects are indexed by presence
// alone.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "event/fields.h"

namespace piperoll::store::rocks {

struct IndexedField {
  event::Field field;
  std::uint8_t number;     // on disk; never changes, never reused (format)
  bool has_values = true;  // else only whether it is present
  bool has_cells = false;  // counted per hour, day and month
  // Values without a code are kept as texts, too: not those that are looked for as a whole.
  bool has_texts = true;
};

inline constexpr std::array kIndexedFields = {
    IndexedField{event::Field::Action, 1, true, true},
    IndexedField{event::Field::Source, 2, true, true},
    IndexedField{event::Field::Category, 3, true, true},
    IndexedField{event::Field::Summary, 4},
    IndexedField{event::Field::Severity, 5, true, true},
    IndexedField{event::Field::Status, 6, true, true},
    IndexedField{event::Field::Error, 7},
    IndexedField{event::Field::CommitId, 8, true, false, false},
    IndexedField{event::Field::Version, 9},
    IndexedField{event::Field::ActorId, 10},
    IndexedField{event::Field::ActorType, 11, true, true},
    IndexedField{event::Field::ActorName, 12},
    IndexedField{event::Field::ActorEmail, 13},
    IndexedField{event::Field::TargetId, 14},
    IndexedField{event::Field::TargetType, 15, true, true},
    IndexedField{event::Field::TargetName, 16},
    IndexedField{event::Field::ApplicationId, 17, true, false, false},
    IndexedField{event::Field::ApplicationKey, 18, true, true},
    IndexedField{event::Field::ClusterId, 19, true, false, false},
    IndexedField{event::Field::RequestId, 20, true, false, false},
    IndexedField{event::Field::RequestIp, 21},
    IndexedField{event::Field::RequestMethod, 22, true, true},
    IndexedField{event::Field::RequestPath, 23},
    IndexedField{event::Field::RequestStatusCode, 24, true, true},
    IndexedField{event::Field::RequestUserAgent, 25},
    IndexedField{event::Field::Context, 26, false},
    IndexedField{event::Field::Params, 27, false},
    IndexedField{event::Field::Metadata, 28, false},
};
inline constexpr std::size_t kSlotCount = kIndexedFields.size();

// Index into kIndexedFields.
using Slot = std::size_t;
std::optional<Slot> slot_of(event::Field field);

// What a record has in a field, in that record's log. Codes 0 and 1 are not of values.
using Code = std::uint32_t;
inline constexpr Code kAbsent = 0;    // as a posting: the records in which the field is present
inline constexpr Code kUnlisted = 1;  // present, with a value that has no code
inline constexpr Code kFirstCode = 2;

// All fields of a record as the index sees them, by slot; views into the record and scratch.
using IndexedTexts = std::array<std::optional<std::string_view>, kSlotCount>;
void indexed_texts(const event::RecordView& record, event::FieldScratch& scratch,
                   IndexedTexts& texts);

// The field's value as the index sees it: text_of, and "" for an object that is there.
std::optional<std::string_view> indexed_text(const event::RecordView& record, Slot slot,
                                             event::FieldScratch& scratch);

}  // namespace piperoll::store::rocks
