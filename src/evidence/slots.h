#pragma once
// The twelve slots that a leaf commits to (docs/formats/evidence.md): which members of an event are
// hashed together, and so can be shown or erased together. Permanent. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"

namespace piperoll::evidence {

enum class Slot : std::uint8_t {
  Event = 1,
  Text,
  Actor,
  ActorPerson,
  Target,
  TargetName,
  Request,
  Client,
  Context,
  Params,
  Metadata,
  Extra,  // reserved, absent in version 1
};
inline constexpr std::size_t kSlotCount = 12;

// All of them, in the order of their numbers.
inline constexpr Slot kSlots[kSlotCount] = {
    Slot::Event,   Slot::Text,   Slot::Actor,   Slot::ActorPerson, Slot::Target,   Slot::TargetName,
    Slot::Request, Slot::Client, Slot::Context, Slot::Params,      Slot::Metadata, Slot::Extra};

inline std::size_t index_of(Slot slot) {  // from 0
  return static_cast<std::size_t>(slot) - 1;
}

std::string_view name_of(Slot slot);  // "event", "actor_person" ...
std::optional<Slot> slot_named(std::string_view name);

// Whether the event has a member of the slot. Event always, Extra never.
bool is_present(Slot slot, const event::EventView& event);

// Those present, slot s as bit index_of(s).
unsigned present_slots(const event::EventView& event);

// Appends the slot's value: an object, canonical JSON (RFC 8785). occurred_at is that of the
// record: an event that left it out is shown, exported and committed to with recorded_at in its
// place. REQUIRES: is_present(slot, event)
void append_slot_value(std::string& out, Slot slot, const event::EventView& event,
                       base::Timestamp occurred_at);
// The same to a place that has room for slot_value_bytes_max(slot, event); returns its end.
char* write_slot_value(char* to, Slot slot, const event::EventView& event,
                       base::Timestamp occurred_at);
std::size_t slot_value_bytes_max(Slot slot, const event::EventView& event);
// Of all slots together.
std::size_t slot_values_bytes_max(const event::EventView& event);

}  // namespace piperoll::evidence
