#pragma once
// The service's side of a recorded case: JSON -> operation::Reply.
//
//   {"error": {"kind":"not_found","code":"event_not_found","message":"…"}}
//   {"appended": [{"kind":"stored","id":"e-1","seq":0,"record":RECORD} |
//   {"kind":"rejected","error":…}]}
//   {"found": [RECORD…], "count":n, "next_cursor":"…", "previous_cursor":"…"}
//   {"streamed": [RECORD…], "count":n}        in pieces of two records
//   {"got": RECORD}
//   {"issued": "<token>"}                     to a reader key named "ci"
//   {"identified": true}                      the same key
//
// each with "applications": [{id,key,name,description,accent_color}] where records show them.
// RECORD is a native event with "seq" and "recorded_at". The organisation is always "demo",
// tenant 1001.

#include <memory>
#include <string_view>

#include "event/record.h"
#include "operation/outcome.h"

namespace piperoll::dialect::testing {

inline constexpr std::string_view kDemoOrgId = "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f";

// A reply and what it points to.
struct ServiceReply {
  std::unique_ptr<registry::Registry> registry;
  operation::Reply reply;
};

// Ends the test program with a message when the text is not of this form.
ServiceReply parse_reply(std::string_view json);
// What the service makes of an operation that is an error.
ServiceReply failed_reply(const base::Error& error);

event::Record record_of(const event::Event& event, std::uint64_t seq, base::Timestamp recorded_at);
// The same from native JSON with "seq" and "recorded_at".
event::Record record_of(std::string_view json);

}  // namespace piperoll::dialect::testing
