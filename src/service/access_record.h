#pragma once
// Reading is recorded: the event that the access log gets for a read. Pure functions.

#include <cstdint>
#include <optional>
#include <string>

#include "auth/principal.h"
#include "event/event.h"
#include "operation/operation.h"

namespace piperoll::service {

// What a read did, beside what the call says.
struct ReadSummary {
  std::uint64_t rows = 0;              // shown
  std::optional<std::uint64_t> count;  // told
  std::uint64_t tree_size = 0;
};

// What an actor that is a credential is shown as: "api_key", "user" or "token".
std::string_view actor_type(const auth::Principal& principal);

// A valid event: action "events.find", "access.find", "events.get", ...; actor is the credential.
event::Event access_event(const operation::Call& call, const auth::Principal& principal,
                          const ReadSummary& summary);

}  // namespace piperoll::service
