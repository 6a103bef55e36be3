#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/timestamp.h"
#include "event/event_json.h"
#include "event/event_validate.h"

namespace piperoll::event {
namespace {

using base::JsonKind;
using base::JsonMember;
using base::JsonValue;

// Faults for unknown names are listed up to here in one object; the others are counted.
constexpr std::size_t kUnknownListedMax = 16;

constexpr std::array<std::string_view, 4> kServerMembers = {"seq", "recorded_at", "org_id", "seed"};

// Every place a fault of an event can have, in the order of contract section 2.
constexpr std::string_view kPlaces[] = {"/id",
                                        "/occurred_at",
                                        "/action",
                                        "/source",
                                        "/category",
                                        "/summary",
                                        "/severity",
                                        "/status",
                                        "/error",
                                        "/commit_id",
                                        "/version",
                                        "/actor",
                                        "/actor/id",
                                        "/actor/type",
                                        "/actor/name",
                                        "/actor/email",
                                        "/target",
                                        "/target/id",
                                        "/target/type",
                                        "/target/name",
                                        "/application",
                                        "/application/id",
                                        "/application/key",
                                        "/cluster_id",
                                        "/request",
                                        "/request/id",
                                        "/request/ip",
                                        "/request/method",
                                        "/request/path",
                                        "/request/status_code",
                                        "/request/user_agent",
                                        "/context",
                                        "/params",
                                        "/metadata"};

std::size_t rank_of(std::string_view pointer) {
  return static_cast<std::size_t>(std::find(std::begin(kPlaces), std::end(kPlaces), pointer) -
                                  std::begin(kPlaces));
}

// Names, separated by commas.
template <class Members>
std::string names_of(const Members& members) {
  std::string names;
  for (const auto& member : members) {
    names.append(names.empty() ? "" : ", ").append(member.name);
  }
  return names;
}

template <class Members>
auto find_member(const Members& members, std::string_view name) -> decltype(&*members.begin()) {
  char first = name.empty() ? '\0' : name.front();
  for (const auto& member : members) {
    if (member.name.front() == first && member.name == name) {
      return &member;
    }
  }
  return nullptr;
}

// A text of actor, target, application or request; no pointer: status_code.
template <class Part>
struct PartMember {
  std::string_view name;
  std::optional<std::string> Part::*text = nullptr;
};

using Actor = Event::Actor;
using Target = Event::Target;
using Application = Event::Application;
using HttpRequest = Event::Request;

constexpr std::array<PartMember<Actor>, 4> kActor = {
    {{"id", &Actor::id}, {"type", &Actor::type}, {"name", &Actor::name}, {"email", &Actor::email}}};
constexpr std::array<PartMember<Target>, 3> kTarget = {
    {{"id", &Target::id}, {"type", &Target::type}, {"name", &Target::name}}};
constexpr std::array<PartMember<Application>, 2> kApplication = {
    {{"id", &Application::id}, {"key", &Application::key}}};
constexpr std::array<PartMember<HttpRequest>, 6> kRequest = {
    {{"id", &HttpRequest::id},
     {"ip", &HttpRequest::ip},
     {"method", &HttpRequest::method},
     {"path", &HttpRequest::path},
     {"status_code", nullptr},
     {"user_agent", &HttpRequest::user_agent}}};

// Builds one event; what cannot be taken over becomes a fault and is left out.
class Reader {
 public:
  // event, which outlives the reader, is an event with defaults.
  Reader(Event& event, ServerMembers server_members, std::string_view pointer_base)
      : event_(event), server_members_(server_members), base_(pointer_base) {}

  // Fills the event and returns what is wrong with value. Once.
  std::vector<base::Fault> read(const JsonValue& value);

 private:
  struct TopMember {
    std::string_view name;
    void (Reader::*read)(const JsonValue&, const TopMember&);
    std::optional<std::string> Event::*optional_text = nullptr;
    std::string Event::*text = nullptr;
  };
  static const std::array<TopMember, 19> kTop;

  void read_text(const JsonValue& value, const TopMember& member);
  void read_optional_text(const JsonValue& value, const TopMember& member);
  void read_id(const JsonValue& value, const TopMember& member);
  void read_time(const JsonValue& value, const TopMember& member);
  void read_severity(const JsonValue& value, const TopMember& member);
  void read_status(const JsonValue& value, const TopMember& member);
  void read_actor(const JsonValue& value, const TopMember& member);
  void read_target(const JsonValue& value, const TopMember& member);
  void read_application(const JsonValue& value, const TopMember& member);
  void read_request(const JsonValue& value, const TopMember& member);
  void read_json_object(const JsonValue& value, const TopMember& member);

  template <class Part, std::size_t N>
  void read_part(const JsonValue& value, std::string_view name, Part& part,
                 const std::array<PartMember<Part>, N>& known);
  void read_status_code(const JsonValue& value);

  void fault(std::string pointer, std::string detail) {
    faults_.push_back({std::move(pointer), std::move(detail)});
  }
  // Faults for the names in unknown, members of the object at pointer.
  void fault_unknown(const std::vector<std::string_view>& unknown, const std::string& pointer,
                     const std::string& allowed);
  void fill_defaults();
  // The faults of reading and of the rules, each place once, in the order of the contract.
  std::vector<base::Fault> all_faults();

  Event& event_;
  ServerMembers server_members_;
  bool is_record_ = false;  // has members that the server adds
  std::string_view base_;
  bool has_status_ = false;
  std::vector<base::Fault> faults_;  // pointers without base_
};

const std::array<Reader::TopMember, 19> Reader::kTop = {{
    {"id", &Reader::read_id},
    {"occurred_at", &Reader::read_time},
    {"action", &Reader::read_text, nullptr, &Event::action},
    {"source", &Reader::read_optional_text, &Event::source},
    {"category", &Reader::read_text, nullptr, &Event::category},
    {"summary", &Reader::read_optional_text, &Event::summary},
    {"severity", &Reader::read_severity},
    {"status", &Reader::read_status},
    {"error", &Reader::read_optional_text, &Event::error},
    {"commit_id", &Reader::read_optional_text, &Event::commit_id},
    {"version", &Reader::read_text, nullptr, &Event::version},
    {"actor", &Reader::read_actor},
    {"target", &Reader::read_target},
    {"application", &Reader::read_application},
    {"cluster_id", &Reader::read_optional_text, &Event::cluster_id},
    {"request", &Reader::read_request},
    {"context", &Reader::read_json_object, nullptr, &Event::context},
    {"params", &Reader::read_json_object, nullptr, &Event::params},
    {"metadata", &Reader::read_json_object, nullptr, &Event::metadata},
}};

std::string pointer_to(std::string_view name) {
  return std::string("/").append(name);
}

void Reader::read_text(const JsonValue& value, const TopMember& member) {
  if (value.is(JsonKind::String)) {
    event_.*member.text = value.as_string();
  } else {
    fault(pointer_to(member.name), "must be a string");
  }
}

void Reader::read_optional_text(const JsonValue& value, const TopMember& member) {
  if (value.is(JsonKind::String)) {
    event_.*member.optional_text = value.as_string();
  } else {
    fault(pointer_to(member.name), "must be a string");
  }
}

void Reader::read_id(const JsonValue& value, const TopMember&) {
  if (!value.is(JsonKind::String)) {
    fault("/id", "must be a string");
  } else if (value.as_string().empty()) {
    // The model's empty id means that the server makes one; a caller says that by leaving it out.
    fault("/id", "must not be empty (leave it out to have one made)");
  } else {
    event_.id = value.as_string();
  }
}

void Reader::read_time(const JsonValue& value, const TopMember&) {
  if (value.is(JsonKind::String)) {
    if (auto time = base::parse_rfc3339(value.as_string())) {
      event_.occurred_at = *time;
      return;
    }
  }
  fault("/occurred_at",
        "must be an RFC 3339 date and time in the years 1970 to 9999, "
        "for example 2026-01-02T03:04:05.678Z");
}

void Reader::read_severity(const JsonValue& value, const TopMember&) {
  auto severity = value.is(JsonKind::String) ? parse_severity(value.as_string()) : std::nullopt;
  if (severity) {
    event_.severity = *severity;
  } else {
    fault("/severity", "must be one of critical, high, medium, low, none");
  }
}

void Reader::read_status(const JsonValue& value, const TopMember&) {
  auto status = value.is(JsonKind::String) ? parse_status(value.as_string()) : std::nullopt;
  if (status) {
    event_.status = *status;
    has_status_ = true;
  } else {
    fault("/status", "must be one of intent, success, failure");
  }
}

void Reader::read_actor(const JsonValue& value, const TopMember& member) {
  read_part(value, member.name, event_.actor, kActor);
}

void Reader::read_target(const JsonValue& value, const TopMember& member) {
  read_part(value, member.name, event_.target, kTarget);
}

void Reader::read_application(const JsonValue& value, const TopMember& member) {
  read_part(value, member.name, event_.application, kApplication);
}

void Reader::read_request(const JsonValue& value, const TopMember& member) {
  read_part(value, member.name, event_.request, kRequest);
}

void Reader::read_json_object(const JsonValue& value, const TopMember& member) {
  if (value.is(JsonKind::Object)) {
    std::string& text = event_.*member.text;
    base::append_canonical(text, value);
    if (text.size() == 2) {  // {}
      text.clear();
    }
  } else {
    fault(pointer_to(member.name), "must be an object");
  }
}

template <class Part, std::size_t N>
void Reader::read_part(const JsonValue& value, std::string_view name, Part& part,
                       const std::array<PartMember<Part>, N>& known) {
  if (!value.is(JsonKind::Object)) {
    fault(pointer_to(name), "must be an object of " + names_of(known));
    return;
  }
  std::vector<std::string_view> unknown;
  for (const JsonMember& member : value.members()) {
    const auto* found = find_member(known, member.name);
    if (found == nullptr) {
      unknown.push_back(member.name);
    } else if (member.value.is(JsonKind::Null)) {
      continue;
    } else if (found->text == nullptr) {
      read_status_code(member.value);
    } else if (member.value.is(JsonKind::String)) {
      part.*(found->text) = member.value.as_string();
    } else {
      fault(pointer_to(name).append("/").append(member.name), "must be a string");
    }
  }
  if (!unknown.empty()) {
    fault_unknown(unknown, pointer_to(name), names_of(known));
  }
}

void Reader::read_status_code(const JsonValue& value) {
  if (value.is(JsonKind::Integer)) {
    std::int64_t code = value.as_integer();
    if (code >= 0 && code <= UINT16_MAX) {
      event_.request.status_code = static_cast<std::uint16_t>(code);  // the rules look at the rest
      return;
    }
  }
  fault("/request/status_code", "must be an integer from 100 to 599");
}

void Reader::fault_unknown(const std::vector<std::string_view>& unknown, const std::string& pointer,
                           const std::string& allowed) {
  for (std::size_t i = 0; i < std::min(unknown.size(), kUnknownListedMax); ++i) {
    fault(base::pointer_join(pointer, unknown[i]), "is unknown; allowed are " + allowed);
  }
  if (unknown.size() > kUnknownListedMax) {
    fault(pointer, std::to_string(unknown.size() - kUnknownListedMax) +
                       " more members are unknown; allowed are " + allowed);
  }
}

void Reader::fill_defaults() {
  if (!has_status_) {
    event_.status = default_status(event_.error);
  }
}

std::vector<base::Fault> Reader::all_faults() {
  std::vector<base::Fault> rules = faults_of(
      event_, "", is_record_ ? kCanonicalBytesMax + kServerSetBytesMax : kCanonicalBytesMax);
  if (faults_.empty() && rules.empty()) {
    return {};
  }
  for (base::Fault& rule : rules) {
    bool is_told = std::any_of(faults_.begin(), faults_.end(), [&](const base::Fault& told) {
      return told.pointer == rule.pointer && !rule.pointer.empty();
    });
    if (!is_told) {
      faults_.push_back(std::move(rule));
    }
  }
  std::stable_sort(faults_.begin(), faults_.end(), [](const auto& a, const auto& b) {
    return rank_of(a.pointer) < rank_of(b.pointer);
  });
  for (base::Fault& fault : faults_) {
    fault.pointer.insert(0, base_);
  }
  return std::move(faults_);
}

std::vector<base::Fault> Reader::read(const JsonValue& value) {
  if (!value.is(JsonKind::Object)) {
    return {{std::string(base_), "must be an object"}};
  }
  std::vector<std::string_view> unknown;
  for (const JsonMember& member : value.members()) {
    if (const TopMember* found = find_member(kTop, member.name)) {
      if (!member.value.is(JsonKind::Null)) {
        (this->*found->read)(member.value, *found);
      }
    } else if (server_members_ == ServerMembers::Ignore &&
               std::find(kServerMembers.begin(), kServerMembers.end(), member.name) !=
                   kServerMembers.end()) {
      is_record_ = true;
    } else {
      unknown.push_back(member.name);
    }
  }
  if (!unknown.empty()) {
    fault_unknown(unknown, "", names_of(kTop));
  }
  fill_defaults();
  canonicalise(event_);
  return all_faults();
}

}  // namespace

base::Result<Event> read_event(const JsonValue& value, ServerMembers server_members,
                               std::string_view pointer_base) {
  base::Result<Event> event = make_event("");
  std::vector<base::Fault> faults = Reader(*event, server_members, pointer_base).read(value);
  if (!faults.empty()) {
    event = invalid_event(std::move(faults));
  }
  return event;
}

Status default_status(const std::optional<std::string_view>& error) {
  return error && !error->empty() ? Status::Failure : Status::Success;
}

base::Result<std::string> read_object(const JsonValue& value, std::string_view pointer) {
  std::string text;
  if (value.is(JsonKind::Null)) {
    return text;
  }
  if (!value.is(JsonKind::Object)) {
    return invalid_event({{std::string(pointer), "must be an object"}});
  }
  base::append_canonical(text, value);
  if (text.size() == 2) {  // {}
    text.clear();
  }
  return text;
}

}  // namespace piperoll::event
