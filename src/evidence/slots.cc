#include "evidence/slots.h"

#include <array>
#include <charconv>
#include <cstring>
#include <tuple>

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

// Writes one object of at least one member; the caller keeps the order of RFC 8785. Names are given
// as `,"name":`, one piece of a size known to the compiler; the first comma becomes the brace.
class SlotWriter {
 public:
  explicit SlotWriter(char* to) : begin_(to), to_(to) {}

  template <std::size_t Size>
  void text(const char (&name)[Size], std::string_view value) {
    put_name(name);
    to_ = base::write_canonical_string(to_, value);
  }
  template <std::size_t Size>
  void text(const char (&name)[Size], const Text& value) {
    if (value) {
      text(name, *value);
    }
  }
  template <std::size_t Size>
  void time(const char (&name)[Size], base::Timestamp time) {
    put_name(name);
    *to_++ = '"';
    to_ = base::write_rfc3339(to_, time);
    *to_++ = '"';
  }
  template <std::size_t Size>
  void number(const char (&name)[Size], const std::optional<std::uint16_t>& value) {
    if (value) {
      put_name(name);
      to_ = std::to_chars(to_, to_ + kNumberChars, *value).ptr;
    }
  }
  template <std::size_t Size, class Application>
  void object(const char (&name)[Size], const Application& application) {
    put_name(name);
    SlotWriter inner(to_);
    inner.text(",\"id\":", application.id);
    inner.text(",\"key\":", application.key);
    to_ = inner.end();
  }
  char* end() {
    *begin_ = '{';
    *to_++ = '}';
    return to_;
  }

  static constexpr std::size_t kNumberChars = 5;  // of 65535

 private:
  template <std::size_t Size>
  void put_name(const char (&name)[Size]) {
    std::memcpy(to_, name, Size - 1);
    to_ += Size - 1;
  }

  char* const begin_;
  char* to_;
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

// The slots of two texts; the names in the order of RFC 8785.
template <std::size_t First, std::size_t Second>
char* write_texts(char* to, const char (&first_name)[First], const Text& first,
                  const char (&second_name)[Second], const Text& second) {
  SlotWriter slot(to);
  slot.text(first_name, first);
  slot.text(second_name, second);
  return slot.end();
}

char* write_target_name(char* to, const EventView& event) {
  SlotWriter slot(to);
  slot.text(",\"name\":", event.target.name);
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
  return (present_slots(event) >> index_of(slot) & 1) != 0;
}

unsigned present_slots(const EventView& event) {
  const auto bit = [](Slot slot, auto... has_member) {
    return unsigned{(has_member || ...)} << index_of(slot);
  };
  const auto& [actor, target, request] = std::tie(event.actor, event.target, event.request);
  return bit(Slot::Event, true) |
         bit(Slot::Text, event.summary.has_value(), event.error.has_value()) |
         bit(Slot::Actor, actor.id.has_value(), actor.type.has_value()) |
         bit(Slot::ActorPerson, actor.name.has_value(), actor.email.has_value()) |
         bit(Slot::Target, target.id.has_value(), target.type.has_value()) |
         bit(Slot::TargetName, target.name.has_value()) |
         bit(Slot::Request, request.id.has_value(), request.method.has_value(),
             request.path.has_value(), request.status_code.has_value()) |
         bit(Slot::Client, request.ip.has_value(), request.user_agent.has_value()) |
         bit(Slot::Context, !event.context.empty()) | bit(Slot::Params, !event.params.empty()) |
         bit(Slot::Metadata, !event.metadata.empty());
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
      return write_target_name(to, event);
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

std::size_t slot_values_bytes_max(const EventView& event) {
  const auto& [actor, target, request] = std::tie(event.actor, event.target, event.request);
  const auto size = [](const Text& text) { return text ? text->size() : 0; };
  const std::size_t bytes =
      event.action.size() + size(event.application.id) + size(event.application.key) +
      size(event.category) + size(event.cluster_id) + size(event.commit_id) + event.id.size() +
      size(event.source) + size(event.version) + size(event.error) + size(event.summary) +
      size(actor.id) + size(actor.type) + size(actor.name) + size(actor.email) + size(target.id) +
      size(target.type) + size(target.name) + size(request.id) + size(request.method) +
      size(request.path) + size(request.ip) + size(request.user_agent);
  return kSlotCount * kFrameBytes + base::canonical_string_bytes_max(bytes) + event.context.size() +
         event.params.size() + event.metadata.size();
}

void append_slot_value(std::string& out, Slot slot, const EventView& event,
                       base::Timestamp occurred_at) {
  const std::size_t begin = out.size();
  out.resize(begin + slot_value_bytes_max(slot, event));
  out.resize(static_cast<std::size_t>(
      write_slot_value(out.data() + begin, slot, event, occurred_at) - out.data()));
}

}  // namespace piperoll::evidence
