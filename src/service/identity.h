#pragma once
// Who the caller is, tokens for keys and passwords, and sessions of browsers.

#include "base/result.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "service/authorise.h"
#include "service/service.h"

namespace piperoll::service {

bool is_about_identity(const operation::Operation& operation);

// A new session; the one with the id `replaced` ends. REQUIRES: parts.sessions
operation::SessionStarted start_session(const ServiceParts& parts, auth::Principal principal,
                                        auth::SessionSubject subject, std::string_view replaced,
                                        std::optional<base::Timestamp> ends_by);

// TokenIssued, Identified, SessionStarted or SessionEnded. Only a key or a password is changed for
// a token, and those and an issuer's token for a session: a token or session that makes another
// would never end. Unauthenticated "bad_credential" for everything else. REQUIRES:
// is_about_identity(*call.operation)
base::Result<operation::Outcome> answer_identity(const ServiceParts& parts,
                                                 const Admitted& admitted,
                                                 const operation::Call& call);

}  // namespace piperoll::service
