#include "evidence/slots.h"

#include <array>
#include <charconv>

#include "base/check.h"
#include "base/json.h"
#include "base/timestamp.h"

namespace piperoll::evidence {
namespace {

using event::EventView;

constexpr std::array<std::string_view, kSlotCount> kNames = {
    "event",   "text",   "actor",   "actor_person", "target",   "target_name",
    "request", "client", "context", "params",       "metadata", "extra"};

// Writes one object; the caller keeps the order of RFC 8785. Names are given as `,"name":`, of
// which the first of an object loses its comma: one piece for each.
class SlotWriter {
 public:
  explicit SlotWriter(std::string& out) : out_(out) { out_.push_back('{'); }

  void text(std::string_view key, std::string_view value) {
    begin(key);
    base::append_canonical_string(out_, value);
  }
  void text(std::string_view key, const std::optional<std::string_view>& value) {
    if (value) {
      text(key, *value);
    }
  }
  void time(std::string_view key, base::Timestamp time) {
    begin(key);
    out_.push_back('"');
    base::append_rfc3339(out_, time);
    out_.push_back('"');
  }
  void number(std::string_view key, const std::optional<std::uint16_t>& value) {
    if (value) {
      begin(key);
      std::array<char, 8> digits;
      out_.append(digits.data(), std::to_chars(digits.begin(), digits.end(), *value).ptr);
    }
  }
  void begin(std::string_view key) {
    out_.append(key.substr(comma_));
    comma_ = 0;
  }
  void end() { out_.push_back('}'); }

 private:
  std::string& out_;
  std::size_t comma_ = 1;  // characters to leave out
};

void append_event(std::string& out, const EventView& event, base::Timestamp occurred_at) {
  SlotWriter slot(out);
  slot.text(",\"action\":", event.action);
  if (event.application.id || event.application.key) {
    slot.begin(",\"application\":");
    SlotWriter application(out);
    application.text(",\"id\":", event.application.id);
    application.text(",\"key\":", event.application.key);
    application.end();
  }
  slot.text(",\"category\":", event.category);
  slot.text(",\"cluster_id\":", event.cluster_id);
  slot.text(",\"commit_id\":", event.commit_id);
  slot.text(",\"id\":", event.id);
  slot.time(",\"occurred_at\":", occurred_at);
  slot.text(",\"severity\":", to_string(event.severity));
  slot.text(",\"source\":", event.source);
  slot.text(",\"status\":", to_string(event.status));
  slot.text(",\"version\":", event.version);
  slot.end();
}

void append_request(std::string& out, const EventView& event) {
  SlotWriter slot(out);
  slot.text(",\"id\":", event.request.id);
  slot.text(",\"method\":", event.request.method);
  slot.text(",\"path\":", event.request.path);
  slot.number(",\"status_code\":", event.request.status_code);
  slot.end();
}

// The slots of two texts at most; the keys in the order of RFC 8785.
void append_texts(std::string& out, std::string_view first_key,
                  const std::optional<std::string_view>& first, std::string_view second_key = {},
                  const std::optional<std::string_view>& second = std::nullopt) {
  SlotWriter slot(out);
  slot.text(first_key, first);
  slot.text(second_key, second);
  slot.end();
}

}  // namespace

std::string_view name_of(Slot slot) {
  return kNames[index_of(slot)];
}

std::optional<Slot> slot_named(std::string_view name) {
  for (const Slot slot : kSlots) {
    if (name_of(slot) == name) {
      return slot;
    }
  }
  return std::nullopt;
}

bool is_present(Slot slot, const EventView& event) {
  switch (slot) {
    case Slot::Event:
      return true;
    case Slot::Text:
      return event.summary || event.error;
    case Slot::Actor:
      return event.actor.id || event.actor.type;
    case Slot::ActorPerson:
      return event.actor.name || event.actor.email;
    case Slot::Target:
      return event.target.id || event.target.type;
    case Slot::TargetName:
      return event.target.name.has_value();
    case Slot::Request:
      return event.request.id || event.request.method || event.request.path ||
             event.request.status_code;
    case Slot::Client:
      return event.request.ip || event.request.user_agent;
    case Slot::Context:
      return !event.context.empty();
    case Slot::Params:
      return !event.params.empty();
    case Slot::Metadata:
      return !event.metadata.empty();
    case Slot::Extra:
      return false;
  }
  return false;
}

void append_slot_value(std::string& out, Slot slot, const EventView& event,
                       base::Timestamp occurred_at) {
  DCHECK(is_present(slot, event));
  switch (slot) {
    case Slot::Event:
      return append_event(out, event, occurred_at);
    case Slot::Text:
      return append_texts(out, ",\"error\":", event.error, ",\"summary\":", event.summary);
    case Slot::Actor:
      return append_texts(out, ",\"id\":", event.actor.id, ",\"type\":", event.actor.type);
    case Slot::ActorPerson:
      return append_texts(out, ",\"email\":", event.actor.email, ",\"name\":", event.actor.name);
    case Slot::Target:
      return append_texts(out, ",\"id\":", event.target.id, ",\"type\":", event.target.type);
    case Slot::TargetName:
      return append_texts(out, ",\"name\":", event.target.name);
    case Slot::Request:
      return append_request(out, event);
    case Slot::Client:
      return append_texts(out, ",\"ip\":", event.request.ip,
                          ",\"user_agent\":", event.request.user_agent);
    case Slot::Context:
      out.append(event.context);
      return;
    case Slot::Params:
      out.append(event.params);
      return;
    case Slot::Metadata:
      out.append(event.metadata);
      return;
    case Slot::Extra:
      CHECK(false);
  }
}

}  // namespace piperoll::evidence
