#pragma once
// What went wrong, as HTTP sees it: the part of each surface's table that all of them share.
// Pure functions.

#include "base/result.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect {

// 400, 401, 403, 404, 409, 413, 415, 429, 500 or 503.
int http_status_of(const base::Error& error);

// Retry-After, where the answer is 429 or 503.
void add_retry_after(wire::Response& response);

// Why an append was refused: the error of the first rejected event; null when none was.
const base::Error* first_rejection(const operation::Appended& appended);

// An outcome that does not belong to the operation asked for.
base::Error unexpected_outcome();

}  // namespace piperoll::dialect
