#pragma once
// "Authorization: bhesignature <key id>": requests that are signed instead of showing a key
// (cmd/api/src/api/signature.go). What the signature is made of: auth/request_signature.h. Pure
// functions.

#include <string>
#include <string_view>

#include "auth/principal.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "wire/message.h"

namespace piperoll::dialect::bloodhound {

// Of RequestDate: the moment, and the zone that the client's own words are in.
struct ClientDate {
  base::Timestamp time;
  int offset_minutes = 0;
};

struct SignatureHeaders {
  auth::Credential credential;
  ClientDate date;
};

// The error names what the client has to mend first: InvalidArgument (400) with BloodHound's
// message.
base::Result<SignatureHeaders> read_signature(const wire::Request& request,
                                              std::string_view key_id);

// BloodHound's message for a "signature_..." code of operation/outcome.h, and for the key of a
// disabled organisation; empty for every other error.
std::string signature_message(const base::Error& error, const ClientDate& date,
                              base::Timestamp now);

}  // namespace piperoll::dialect::bloodhound
