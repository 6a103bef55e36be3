#pragma once
// The one event model (contract section 2). BasicEvent is written once over its text type: Event
// owns its strings and is what decoders build; EventView points into an encoded record and is what
// queries and encoders read. Values; as thread-safe as their text.
//
// All members hold canonical forms: ip as RFC 5952, UUIDs in lower case, the three objects as
// canonical JSON text (RFC 8785) without white space. An absent object is an empty text.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/timestamp.h"

namespace piperoll::event {

using base::Timestamp;

enum class Severity : std::uint8_t { Critical, High, Medium, Low, None };
enum class Status : std::uint8_t { Intent, Success, Failure };

std::string_view to_string(Severity severity);  // "critical" ...
std::string_view to_string(Status status);      // "intent" ...
std::optional<Severity> parse_severity(std::string_view text);
std::optional<Status> parse_status(std::string_view text);

template <class Text>
struct BasicEvent {
  using OptionalText = std::optional<Text>;

  struct Actor {
    OptionalText id, type, name, email;
    bool operator==(const Actor&) const = default;
  };
  struct Target {
    OptionalText id, type, name;
    bool operator==(const Target&) const = default;
  };
  struct Application {
    OptionalText id, key;
    bool operator==(const Application&) const = default;
  };
  struct Request {
    OptionalText id, ip, method, path;
    std::optional<std::uint16_t> status_code;
    OptionalText user_agent;
    bool operator==(const Request&) const = default;
  };

  Text id{};                             // empty: the server makes one
  std::optional<Timestamp> occurred_at;  // absent: shown and searched as recorded_at
  Text action{};
  OptionalText source;
  Text category{};  // never absent: "general" by default
  OptionalText summary;
  Severity severity = Severity::Low;
  Status status = Status::Success;
  OptionalText error;
  OptionalText commit_id;  // UUID text
  Text version{};          // never absent: "1" by default
  Actor actor;
  Target target;
  Application application;
  OptionalText cluster_id;  // UUID text
  Request request;
  Text context{}, params{}, metadata{};  // canonical JSON object, or empty

  bool operator==(const BasicEvent&) const = default;
};

using Event = BasicEvent<std::string>;
using EventView = BasicEvent<std::string_view>;

// An event with the defaults of contract section 2 and nothing else.
Event make_event(std::string action);

// Views into event, which must outlive them.
EventView view_of(const Event& event);
Event own(const EventView& view);

}  // namespace piperoll::event
