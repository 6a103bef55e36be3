#pragma once
// Who the caller is, and tokens for keys. Pure but for the randomness of a token.

#include "base/result.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "service/authorise.h"
#include "service/service.h"

namespace piperoll::service {

bool is_about_identity(const operation::Operation& operation);

// TokenIssued or Identified. Only a key is changed for a token: a token that makes tokens would
// never end. Unauthenticated "bad_credential" for everything else. REQUIRES:
// is_about_identity(*call.operation)
base::Result<operation::Outcome> answer_identity(const ServiceParts& parts,
                                                 const Admitted& admitted,
                                                 const operation::Call& call);

}  // namespace piperoll::service
