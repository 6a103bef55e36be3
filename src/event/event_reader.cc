#include "event/event_reader.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ip_address.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "event/event_encoding.h"
#include "event/event_json.h"
#include "event/event_limits.h"
#include "event/event_validate.h"
#include "event/name_table.h"

// Nearly every event that is sent is valid. Such a one is taken from its JSON in one pass, as views
// into the text: no tree, hardly a copy, and every rule is asked in a cheap form that never says
// yes wrongly. Whatever is not certainly good (an unknown member, a text of more bytes than its
// rule allows characters, anything that is no JSON) goes the long way, through JsonParser and
// read_event, which know every rule to the letter and word the errors.

namespace piperoll::event {
namespace {

using base::JsonKind;
using OptionalText = std::optional<std::string_view>;

constexpr std::size_t kNoLimit = std::string_view::npos;  // another rule says more
constexpr std::size_t kObjectLevelsMax = kDepthMax - 1;   // the event itself is a level

// Fills one event with views. Every step is false where the long way must be gone.
class Taker {
 public:
  // All outlive the taker; what it filled in lasts as long as the text and made stay as they are.
  Taker(EventView& event, base::JsonCursor& cursor, base::JsonParser& parser, base::Bytes& made)
      : event_(event), cursor_(cursor), parser_(parser), made_(made) {}
  bool take();

 private:
  struct Member {
    std::string_view name;
    bool (Taker::*take)(const Member&);
    OptionalText& (*place)(EventView&) = nullptr;
    std::size_t length_max = 0;
  };
  struct Tables;
  // A view into made_, which still grows.
  struct Made {
    std::string_view* view;
    std::size_t begin, size;
  };

  template <std::size_t N>
  bool members(const NameTable<Member, N>& table, std::size_t first_bit);

  // The cursor lets no other text pass than valid UTF-8 without NUL. So one of no more bytes than
  // its rule allows characters is good.
  bool string(std::size_t length_max, std::string_view& out);
  bool unescaped(std::string_view& out);
  void make(std::string_view text, std::string_view& out);

  bool text(const Member& member) {
    return string(member.length_max, member.place(event_).emplace());
  }
  bool uuid(const Member& member);
  bool id(const Member&);
  bool time(const Member&);
  bool action(const Member&);
  bool category(const Member&) { return string(kCategoryMax, event_.category); }
  bool severity(const Member&);
  bool status(const Member&);
  bool version(const Member&) { return string(kVersionMax, event_.version); }
  bool key(const Member&);
  bool ip(const Member&);
  bool status_code(const Member&);
  bool actor(const Member&);
  bool target(const Member&);
  bool application(const Member&);
  bool request(const Member&);
  bool context(const Member&) { return object(event_.context); }
  bool params(const Member&) { return object(event_.params); }
  bool metadata(const Member&) { return object(event_.metadata); }
  bool object(std::string_view& out);

  EventView& event_;
  base::JsonCursor& cursor_;
  base::JsonParser& parser_;
  base::Bytes& made_;
  std::uint64_t seen_ = 0;           // a bit for each member that was there
  std::array<Made, 40> made_views_;  // more than an event can need; not cleared
  std::size_t made_count_ = 0;
  std::size_t text_bytes_ = 0, object_bytes_ = 0;
  bool has_status_ = false;
};

struct Taker::Tables {
  static constexpr NameTable kTop{std::array<Member, 19>{{
      {"id", &Taker::id},
      {"occurred_at", &Taker::time},
      {"action", &Taker::action},
      {"source", &Taker::text, [](EventView& e) -> OptionalText& { return e.source; }, kSourceMax},
      {"category", &Taker::category},
      {"summary", &Taker::text, [](EventView& e) -> OptionalText& { return e.summary; },
       kSummaryMax},
      {"severity", &Taker::severity},
      {"status", &Taker::status},
      {"error", &Taker::text, [](EventView& e) -> OptionalText& { return e.error; }, kErrorMax},
      {"commit_id", &Taker::uuid, [](EventView& e) -> OptionalText& { return e.commit_id; }},
      {"version", &Taker::version},
      {"actor", &Taker::actor},
      {"target", &Taker::target},
      {"application", &Taker::application},
      {"cluster_id", &Taker::uuid, [](EventView& e) -> OptionalText& { return e.cluster_id; }},
      {"request", &Taker::request},
      {"context", &Taker::context},
      {"params", &Taker::params},
      {"metadata", &Taker::metadata},
  }}};
  static constexpr NameTable kActor{std::array<Member, 4>{{
      {"id", &Taker::text, [](EventView& e) -> OptionalText& { return e.actor.id; }, kPartyIdMax},
      {"type", &Taker::text, [](EventView& e) -> OptionalText& { return e.actor.type; },
       kPartyTypeMax},
      {"name", &Taker::text, [](EventView& e) -> OptionalText& { return e.actor.name; },
       kPartyNameMax},
      {"email", &Taker::text, [](EventView& e) -> OptionalText& { return e.actor.email; },
       kEmailMax},
  }}};
  static constexpr NameTable kTarget{std::array<Member, 3>{{
      {"id", &Taker::text, [](EventView& e) -> OptionalText& { return e.target.id; }, kPartyIdMax},
      {"type", &Taker::text, [](EventView& e) -> OptionalText& { return e.target.type; },
       kPartyTypeMax},
      {"name", &Taker::text, [](EventView& e) -> OptionalText& { return e.target.name; },
       kPartyNameMax},
  }}};
  static constexpr NameTable kApplication{std::array<Member, 2>{{
      {"id", &Taker::uuid, [](EventView& e) -> OptionalText& { return e.application.id; }},
      {"key", &Taker::key},
  }}};
  static constexpr NameTable kRequest{std::array<Member, 6>{{
      {"id", &Taker::text, [](EventView& e) -> OptionalText& { return e.request.id; },
       kRequestIdMax},
      {"ip", &Taker::ip},
      {"method", &Taker::text, [](EventView& e) -> OptionalText& { return e.request.method; },
       kMethodMax},
      {"path", &Taker::text, [](EventView& e) -> OptionalText& { return e.request.path; },
       kPathMax},
      {"status_code", &Taker::status_code},
      {"user_agent", &Taker::text,
       [](EventView& e) -> OptionalText& { return e.request.user_agent; }, kUserAgentMax},
  }}};
};

// Where the members of each object have their bits of seen_.
constexpr std::size_t kTopBits = 0, kActorBits = 19, kTargetBits = 23, kApplicationBits = 26,
                      kRequestBits = 28;

bool Taker::take() {
  if (!members(Tables::kTop, kTopBits) || event_.action.empty() ||
      may_be_too_large(text_bytes_, object_bytes_)) {
    return false;
  }
  for (std::size_t i = 0; i < made_count_; ++i) {
    const Made& made = made_views_[i];
    *made.view = std::string_view(made_).substr(made.begin, made.size);
  }
  if (!has_status_) {
    event_.status = default_status(event_.error);
  }
  return true;
}

template <std::size_t N>
bool Taker::members(const NameTable<Member, N>& table, std::size_t first_bit) {
  if (!cursor_.take('{')) {
    return false;
  }
  if (cursor_.take('}')) {
    return true;
  }
  do {
    std::string_view name;
    if (!cursor_.string(name) || !cursor_.take(':')) {
      return false;
    }
    const std::optional<std::size_t> known = table.find(name);
    if (!known) {
      return false;
    }
    const std::uint64_t bit = std::uint64_t{1} << (first_bit + *known);
    if ((std::exchange(seen_, seen_ | bit) & bit) != 0) {
      return false;  // said twice
    }
    const Member& member = table[*known];
    if (!cursor_.null() && !(this->*member.take)(member)) {
      return false;
    }
  } while (cursor_.take(','));
  return cursor_.take('}');
}

bool Taker::string(std::size_t length_max, std::string_view& out) {
  if (!cursor_.string(out) && !unescaped(out)) {
    return false;
  }
  text_bytes_ += out.size();
  return out.size() <= length_max;
}

// A string with escapes; the parser knows what they stand for.
bool Taker::unescaped(std::string_view& out) {
  std::string_view raw;
  if (!cursor_.raw_string(raw)) {
    return false;
  }
  const auto value = parser_.parse(raw);
  if (!value) {
    return false;
  }
  make(value->as_string(), out);
  return true;
}

// Until the end out is a view of text, which lasts until the parser is used again.
void Taker::make(std::string_view text, std::string_view& out) {
  made_views_.at(made_count_++) = {.view = &out, .begin = made_.size(), .size = text.size()};
  made_.append(text);
  out = text;
}

bool Taker::uuid(const Member& member) {
  std::string_view& text = member.place(event_).emplace();
  if (!string(kNoLimit, text)) {
    return false;
  }
  if (base::parse_canonical_uuid(text)) {
    return true;
  }
  const auto uuid = base::parse_uuid(text);
  if (uuid) {
    make(uuid->to_string(), text);
  }
  return uuid.has_value();
}

bool Taker::id(const Member&) {
  return string(kIdMax, event_.id) && is_valid_event_id(event_.id);
}

bool Taker::time(const Member&) {
  std::string_view text;
  if (!cursor_.string(text)) {
    return false;
  }
  const auto time = base::parse_rfc3339(text);
  if (time) {
    event_.occurred_at = *time;
  }
  return time.has_value();
}

// One that begins with a visible ASCII character is not blank.
bool Taker::action(const Member&) {
  return string(kActionMax, event_.action) && !event_.action.empty() &&
         event_.action.front() > ' ' && event_.action.front() < '\x7f';
}

bool Taker::severity(const Member&) {
  std::string_view text;
  const auto severity = cursor_.string(text) ? parse_severity(text) : std::nullopt;
  event_.severity = severity.value_or(Severity::Low);
  return severity.has_value();
}

bool Taker::status(const Member&) {
  std::string_view text;
  const auto status = cursor_.string(text) ? parse_status(text) : std::nullopt;
  event_.status = status.value_or(Status::Success);
  return has_status_ = status.has_value();
}

bool Taker::key(const Member&) {
  std::string_view& key = event_.application.key.emplace();
  return string(kNoLimit, key) && is_valid_application_key(key);
}

bool Taker::ip(const Member&) {
  std::string_view& ip = event_.request.ip.emplace();
  if (!string(kNoLimit, ip)) {
    return false;
  }
  const auto canonical = base::canonical_ip(ip);
  if (canonical && *canonical != ip) {
    make(*canonical, ip);
  }
  return canonical.has_value();
}

bool Taker::status_code(const Member&) {
  std::int64_t code = 0;
  if (!cursor_.integer(code) || code < kStatusCodeMin || code > kStatusCodeMax) {
    return false;
  }
  event_.request.status_code = static_cast<std::uint16_t>(code);
  return true;
}

bool Taker::actor(const Member&) {
  return members(Tables::kActor, kActorBits);
}

bool Taker::target(const Member&) {
  return members(Tables::kTarget, kTargetBits);
}

bool Taker::application(const Member&) {
  return members(Tables::kApplication, kApplicationBits);
}

bool Taker::request(const Member&) {
  return members(Tables::kRequest, kRequestBits);
}

// Canonical as it stands, or made so by the parser.
bool Taker::object(std::string_view& out) {
  std::string_view raw;
  if (cursor_.canonical(raw, kObjectLevelsMax)) {
    out = raw.size() == 2 ? "" : raw;  // {}
    object_bytes_ += raw.size();
    return true;
  }
  if (!cursor_.raw_object(raw)) {
    return false;
  }
  const auto value = parser_.parse(raw, {.depth_max = kObjectLevelsMax});
  if (!value) {
    return false;
  }
  if (!value->members().empty()) {
    const std::size_t begin = made_.size();
    base::append_canonical(made_, *value);
    made_views_.at(made_count_++) = {.view = &out, .begin = begin, .size = made_.size() - begin};
    object_bytes_ += made_.size() - begin;
  }
  return true;
}

}  // namespace

std::optional<EncodedEvent> EventReader::take(base::JsonCursor& cursor, base::Bytes& arena) {
  made_.clear();
  EventView event;
  event.category = kDefaultCategory;
  event.version = kDefaultVersion;
  if (!Taker(event, cursor, parser_, made_).take()) {
    return std::nullopt;
  }
  return add_encoded(arena, event);
}

base::Result<EncodedEvent> EventReader::read(std::string_view json, base::Bytes& arena) {
  base::JsonCursor cursor(json);
  const std::size_t before = arena.size();
  const std::optional<EncodedEvent> taken = take(cursor, arena);
  if (taken && cursor.at_end()) {
    return *taken;
  }
  arena.resize(before);
  ASSIGN_OR_RETURN(const base::JsonValue value, parser_.parse(json, {.depth_max = kDepthMax}));
  ASSIGN_OR_RETURN(const Event event, read_event(value));
  return add_encoded(arena, view_of(event));
}

}  // namespace piperoll::event
