#include "store/rocksdb/indexed_fields.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::uint8_t kNoSlot = 0xff;

constexpr std::array<std::uint8_t, event::kFieldCount> make_slots() {
  std::array<std::uint8_t, event::kFieldCount> slots{};
  slots.fill(kNoSlot);
  for (Slot slot = 0; slot < kSlotCount; ++slot) {
    slots[static_cast<std::size_t>(kIndexedFields[slot].field)] = static_cast<std::uint8_t>(slot);
  }
  return slots;
}

constexpr std::array<std::uint8_t, event::kFieldCount> kSlots = make_slots();

std::optional<std::string_view> presence_of(std::string_view object) {
  return object.empty() ? std::nullopt : std::optional<std::string_view>("");
}

}  // namespace

std::optional<Slot> slot_of(event::Field field) {
  const std::uint8_t slot = kSlots[static_cast<std::size_t>(field)];
  return slot == kNoSlot ? std::nullopt : std::optional<Slot>(slot);
}

std::optional<std::string_view> indexed_text(const event::RecordView& record, Slot slot,
                                             event::FieldScratch& scratch) {
  const event::Field field = kIndexedFields[slot].field;
  switch (field) {
    case event::Field::Context:
      return presence_of(record.event.context);
    case event::Field::Params:
      return presence_of(record.event.params);
    case event::Field::Metadata:
      return presence_of(record.event.metadata);
    default:
      return event::text_of(record, field, scratch);
  }
}

}  // namespace piperoll::store::rocks
