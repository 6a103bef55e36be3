#pragma once
// Reading is recorded, and so is who was let in, who was not, and what they changed: the events
// that the access log gets. Pure functions.

#include <cstdint>
#include <optional>
#include <string>

#include "auth/principal.h"
#include "event/event.h"
#include "operation/operation.h"
#include "operation/outcome.h"

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

// Of a change to keys, users, applications or organisations: action "admin.create_key", ..., its
// target what was changed. outcome: what came of it.
event::Event change_event(const operation::Call& call, const auth::Principal& principal,
                          const operation::Outcome& outcome);

// Of a credential that is used for the first time: action "auth.first_use".
event::Event first_use_event(const operation::Call& call, const auth::Principal& principal);

// Of an attempt that was refused: action "auth.refused" ("UnauthorizedAccessAttempt" through
// BloodHound's surface, where a right is missing), status failure. uncounted: how many more since
// the last one were not recorded.
event::Event refusal_event(const operation::Call& call, const auth::Principal& principal,
                           const base::Error& error, std::uint64_t uncounted);

}  // namespace piperoll::service
