#include "store/rocksdb/indexed_fields.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/testing/event_arbitrary.h"

namespace piperoll::store::rocks {
namespace {

RC_GTEST_PROP(IndexedTexts, AreThoseOfEverySlot, ()) {
  const event::Event event = *event::arbitrary_event();
  const event::RecordView record{.head = {}, .event = event::view_of(event)};
  event::FieldScratch scratch_of_all;
  event::FieldScratch scratch_of_one;
  IndexedTexts texts;
  indexed_texts(record, scratch_of_all, texts);
  for (Slot slot = 0; slot < kSlotCount; ++slot) {
    RC_ASSERT(texts[slot] == indexed_text(record, slot, scratch_of_one));
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
