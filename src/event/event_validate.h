#pragma once
// All rules of contract section 2 for an Event, in one place. Dialects that build events by other
// doors than read_event call this before they append. Pure functions.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event.h"
#include "event/event_limits.h"

namespace piperoll::event {

// Empty when valid; otherwise one Fault per broken rule, in the order of the contract's table.
// Pointers are of the native form ("/actor/id"), prefixed with pointer_base.
std::vector<base::Fault> faults_of(const Event& event, std::string_view pointer_base = "",
                                   std::size_t bytes_max = kCanonicalBytesMax);

// Brings ip, UUIDs to canonical form where they are valid; leaves others for faults_of.
void canonicalise(Event& event);

// canonicalise, then InvalidArgument (code "invalid_event") with all faults, or nothing. Too many
// bytes of canonical JSON is a fault with pointer pointer_base (or "" if that is empty).
base::Result<void> validate(Event& event, std::string_view pointer_base = "");

// InvalidArgument (code "invalid_event") that says the first fault in its message.
// REQUIRES: !faults.empty().
base::Error invalid_event(std::vector<base::Fault> faults);

// Whether the bytes of all texts and of the objects leave room for an event over the size limit. No
// means no: the event need not be written out to be measured.
bool may_be_too_large(std::size_t text_bytes, std::size_t object_bytes);

bool is_valid_event_id(std::string_view id);          // the characters of contract section 2
bool is_valid_application_key(std::string_view key);  // ^[a-z][a-z0-9_]{0,63}$

}  // namespace piperoll::event
