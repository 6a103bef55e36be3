#include "evidence/slots.h"

#include <array>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/json.h"
#include "base/timestamp.h"

namespace piperoll::evidence {
namespace {

using event::EventView;

constexpr std::array<std::string_view, kSlotCount> kNames = {
    "event",   "text",   "actor",   "actor_person", "target",   "target_name",
    "request", "client", "context", "params",       "metadata", "extra"};

using Text = std::optional<std::string_view>;

char* write_piece(char* to, std::string_view piece) {
  std::memcpy(to, piece.data(), piece.size());
  return to + piece.size();
}

// Writes one object; the caller keeps the order of RFC 8785. Names are given as `,"name":`, of
// which the first of an object loses its comma: one piece for each.
class SlotWriter {
 public:
  explicit SlotWriter(char* to) : to_(to) { *to_++ = '{'; }

  void text(std::string_view key, std::string_view value) {
    begin(key);
    to_ = base::write_canonical_string(to_, value);
  }
  void text(std::string_view key, const Text& value) {
    if (value) {
      text(key, *value);
    }
  }
  void time(std::string_view key, base::Timestamp time) {
    begin(key);
    *to_++ = '"';
    to_ = base::write_rfc3339(to_, time);
    *to_++ = '"';
  }
  void number(std::string_view key, const std::optional<std::uint16_t>& value) {
    if (value) {
      begin(key);
      to_ = std::to_chars(to_, to_ + kNumberChars, *value).ptr;
    }
  }
  template <class Application>
  void object(std::string_view key, const Application& application) {
    begin(key);
    SlotWriter inner(to_);
    inner.text(",\"id\":", application.id);
    inner.text(",\"key\":", application.key);
    to_ = inner.end();
  }
  char* end() {
    *to_++ = '}';
    return to_;
  }

  static constexpr std::size_t kNumberChars = 5;  // of 65535

 private:
  void begin(std::string_view key) {
    to_ = write_piece(to_, key.substr(comma_));
    comma_ = 0;
  }

  char* to_;
  std::size_t comma_ = 1;  // characters to leave out
};

char* write_event(char* to, const EventView& event, base::Timestamp occurred_at) {
  SlotWriter slot(to);
  slot.text(",\"action\":", event.action);
  if (event.application.id || event.application.key) {
    slot.object(",\"application\":", event.application);
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
  return slot.end();
}

char* write_request(char* to, const EventView& event) {
  SlotWriter slot(to);
  slot.text(",\"id\":", event.request.id);
  slot.text(",\"method\":", event.request.method);
  slot.text(",\"path\":", event.request.path);
  slot.number(",\"status_code\":", event.request.status_code);
  return slot.end();
}

// The slots of two texts at most; the keys in the order of RFC 8785.
char* write_texts(char* to, std::string_view first_key, const Text& first,
                  std::string_view second_key = {}, const Text& second = std::nullopt) {
  SlotWriter slot(to);
  slot.text(first_key, first);
  slot.text(second_key, second);
  return slot.end();
}

// Names, quotes, braces, numbers and times of any slot, with room to spare.
constexpr std::size_t kFrameBytes = 512;

template <class... Texts>
std::size_t bytes_max(const Texts&... texts) {
  return kFrameBytes +
         (base::canonical_string_bytes_max(Text(texts).value_or(std::string_view()).size()) + ...);
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

char* write_slot_value(char* to, Slot slot, const EventView& event, base::Timestamp occurred_at) {
  DCHECK(is_present(slot, event));
  switch (slot) {
    case Slot::Event:
      return write_event(to, event, occurred_at);
    case Slot::Text:
      return write_texts(to, ",\"error\":", event.error, ",\"summary\":", event.summary);
    case Slot::Actor:
      return write_texts(to, ",\"id\":", event.actor.id, ",\"type\":", event.actor.type);
    case Slot::ActorPerson:
      return write_texts(to, ",\"email\":", event.actor.email, ",\"name\":", event.actor.name);
    case Slot::Target:
      return write_texts(to, ",\"id\":", event.target.id, ",\"type\":", event.target.type);
    case Slot::TargetName:
      return write_texts(to, ",\"name\":", event.target.name);
    case Slot::Request:
      return write_request(to, event);
    case Slot::Client:
      return write_texts(to, ",\"ip\":", event.request.ip,
                         ",\"user_agent\":", event.request.user_agent);
    case Slot::Context:
      return write_piece(to, event.context);
    case Slot::Params:
      return write_piece(to, event.params);
    case Slot::Metadata:
      return write_piece(to, event.metadata);
    case Slot::Extra:
      break;
  }
  CHECK(false);
}

std::size_t slot_value_bytes_max(Slot slot, const EventView& event) {
  switch (slot) {
    case Slot::Event:
      return bytes_max(event.action, event.application.id, event.application.key, event.category,
                       event.cluster_id, event.commit_id, event.id, event.source, event.version);
    case Slot::Text:
      return bytes_max(event.error, event.summary);
    case Slot::Actor:
      return bytes_max(event.actor.id, event.actor.type);
    case Slot::ActorPerson:
      return bytes_max(event.actor.email, event.actor.name);
    case Slot::Target:
      return bytes_max(event.target.id, event.target.type);
    case Slot::TargetName:
      return bytes_max(event.target.name);
    case Slot::Request:
      return bytes_max(event.request.id, event.request.method, event.request.path);
    case Slot::Client:
      return bytes_max(event.request.ip, event.request.user_agent);
    case Slot::Context:
      return event.context.size();
    case Slot::Params:
      return event.params.size();
    case Slot::Metadata:
      return event.metadata.size();
    case Slot::Extra:
      return 0;
  }
  return 0;
}

void append_slot_value(std::string& out, Slot slot, const EventView& event,
                       base::Timestamp occurred_at) {
  const std::size_t begin = out.size();
  out.resize(begin + slot_value_bytes_max(slot, event));
  out.resize(static_cast<std::size_t>(
      write_slot_value(out.data() + begin, slot, event, occurred_at) - out.data()));
}

}  // namespace piperoll::evidence
