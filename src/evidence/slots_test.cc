#include "evidence/slots.h"

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json.h"
#include "event/event_json.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::evidence {
namespace {

TEST(Slot, HasAName) {
  for (const Slot slot : kSlots) {
    EXPECT_EQ(slot_named(name_of(slot)), slot);
  }
  EXPECT_EQ(name_of(Slot::Event), "event");
  EXPECT_EQ(name_of(Slot::ActorPerson), "actor_person");
  EXPECT_EQ(name_of(Slot::Extra), "extra");
  EXPECT_FALSE(slot_named(""));
  EXPECT_FALSE(slot_named("Event"));
  EXPECT_FALSE(slot_named("_sd"));
}

TEST(Slot, OfAnEventWithoutAnythingIsTheFirstAlone) {
  const event::Event event = event::make_event("a");
  for (const Slot slot : kSlots) {
    EXPECT_EQ(is_present(slot, event::view_of(event)), slot == Slot::Event);
  }
}

TEST(Slot, AnEmptyTextIsAValue) {
  event::Event event = event::make_event("a");
  event.actor.email = "";
  std::string value;

  ASSERT_TRUE(is_present(Slot::ActorPerson, event::view_of(event)));
  append_slot_value(value, Slot::ActorPerson, event::view_of(event), {});

  EXPECT_EQ(value, R"({"email":""})");
}

// Puts the slots together again: the members of the event, each in exactly one slot.
std::string joined(const event::EventView& event, base::Timestamp occurred_at) {
  std::map<std::string, std::map<std::string, std::string>> nested;  // "actor" -> members
  std::map<std::string, std::string> top;
  for (const Slot slot : kSlots) {
    if (!is_present(slot, event)) {
      continue;
    }
    std::string text;
    append_slot_value(text, slot, event, occurred_at);
    base::JsonParser parser;
    const base::JsonValue value = parser.parse(text).value();
    const std::string name(name_of(slot));
    const bool whole = slot == Slot::Context || slot == Slot::Params || slot == Slot::Metadata;
    const bool flat = slot == Slot::Event || slot == Slot::Text;
    if (whole) {
      top[name] = text;
      continue;
    }
    const std::string parent = name == "client" ? "request" : name.substr(0, name.find('_'));
    for (const base::JsonMember& member : value.members()) {
      std::string& place =
          flat ? top[std::string(member.name)] : nested[parent][std::string(member.name)];
      RC_ASSERT(place.empty());
      base::append_canonical(place, member.value);
    }
  }
  const auto object = [](const std::map<std::string, std::string>& members) {
    std::string text;
    for (const auto& [name, value] : members) {
      text.append(text.empty() ? "{\"" : ",\"").append(name).append("\":").append(value);
    }
    return text + "}";
  };
  for (const auto& [name, members] : nested) {
    top[name] = object(members);
  }
  return object(top);
}

RC_GTEST_PROP(Slots, AreCanonicalAndHoldEveryMemberOnce, ()) {
  event::Event event = *event::arbitrary_event();
  if (event.id.empty()) {
    event.id = "made";
  }
  const base::Timestamp occurred_at = event.occurred_at.value_or(base::Timestamp{1});
  event.occurred_at = occurred_at;
  const event::EventView view = event::view_of(event);

  for (const Slot slot : kSlots) {
    if (is_present(slot, view)) {
      std::string text, canonical;
      append_slot_value(text, slot, view, occurred_at);
      base::JsonParser parser;
      base::append_canonical(canonical, parser.parse(text).value());
      RC_ASSERT(text == canonical);
      RC_ASSERT(text.front() == '{' && text != "{}");
    }
  }
  RC_ASSERT(joined(view, occurred_at) == event::canonical_json(view));
}

}  // namespace
}  // namespace piperoll::evidence
