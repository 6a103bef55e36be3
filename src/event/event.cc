#include "event/event.h"

#include <utility>

namespace piperoll::event {
namespace {

// Index = value of the enumeration.
constexpr std::array<std::string_view, 5> kSeverities = {"critical", "high", "medium", "low",
                                                         "none"};
constexpr std::array<std::string_view, 3> kStatuses = {"intent", "success", "failure"};

template <class Enum, std::size_t N>
std::optional<Enum> parse_name(const std::array<std::string_view, N>& names,
                               std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

template <class To, class From>
std::optional<To> convert(const std::optional<From>& text) {
  return text ? std::optional<To>(std::in_place, *text) : std::nullopt;
}

template <class To, class From>
BasicEvent<To> convert(const BasicEvent<From>& from) {
  BasicEvent<To> to;
  to.id = from.id;
  to.occurred_at = from.occurred_at;
  to.action = from.action;
  to.source = convert<To>(from.source);
  to.category = from.category;
  to.summary = convert<To>(from.summary);
  to.severity = from.severity;
  to.status = from.status;
  to.error = convert<To>(from.error);
  to.commit_id = convert<To>(from.commit_id);
  to.version = from.version;
  to.actor = {convert<To>(from.actor.id), convert<To>(from.actor.type),
              convert<To>(from.actor.name), convert<To>(from.actor.email)};
  to.target = {convert<To>(from.target.id), convert<To>(from.target.type),
               convert<To>(from.target.name)};
  to.application = {convert<To>(from.application.id), convert<To>(from.application.key)};
  to.cluster_id = convert<To>(from.cluster_id);
  to.request = {convert<To>(from.request.id),     convert<To>(from.request.ip),
                convert<To>(from.request.method), convert<To>(from.request.path),
                from.request.status_code,         convert<To>(from.request.user_agent)};
  to.context = from.context;
  to.params = from.params;
  to.metadata = from.metadata;
  return to;
}

}  // namespace

std::string_view to_string(Severity severity) {
  return kSeverities.at(static_cast<std::size_t>(severity));
}

std::string_view to_string(Status status) {
  return kStatuses.at(static_cast<std::size_t>(status));
}

std::optional<Severity> parse_severity(std::string_view text) {
  return parse_name<Severity>(kSeverities, text);
}

std::optional<Status> parse_status(std::string_view text) {
  return parse_name<Status>(kStatuses, text);
}

Event make_event(std::string action) {
  Event event;
  event.action = std::move(action);
  event.category = "general";
  event.version = "1";
  return event;
}

EventView view_of(const Event& event) {
  return convert<std::string_view>(event);
}

Event own(const EventView& view) {
  return convert<std::string>(view);
}

}  // namespace piperoll::event
