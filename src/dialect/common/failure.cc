#include "dialect/common/failure.h"

namespace piperoll::dialect {
namespace {

// Nothing tells when a full queue or disk has room again; a second keeps a retrying client from
// making it worse.
constexpr char kRetryAfterSeconds[] = "1";

}  // namespace

int http_status_of(const base::Error& error) {
  switch (error.kind) {
    case base::ErrorKind::InvalidArgument:
      return error.code == "unsupported_coding" || error.code == "unsupported_media_type" ? 415
                                                                                          : 400;
    case base::ErrorKind::Unauthenticated:
      return 401;
    case base::ErrorKind::Forbidden:
      return 403;
    case base::ErrorKind::NotFound:
      return 404;
    case base::ErrorKind::Conflict:
      return 409;
    case base::ErrorKind::TooLarge:
      return 413;
    case base::ErrorKind::ResourceExhausted:
      // A deadline that passed is not the caller's doing.
      return error.code == "timeout" ? 503 : 429;
    case base::ErrorKind::Unavailable:
      return 503;
    case base::ErrorKind::Corruption:
    case base::ErrorKind::Indeterminate:
    case base::ErrorKind::Internal:
      break;
  }
  return 500;
}

void add_retry_after(wire::Response& response) {
  if (response.status == 429 || response.status == 503) {
    response.set("Retry-After", kRetryAfterSeconds);
  }
}

const base::Error* first_rejection(const operation::Appended& appended) {
  for (const operation::AppendResult& result : appended.results) {
    if (result.kind == operation::AppendResult::Kind::Rejected && result.error) {
      return &*result.error;
    }
  }
  return nullptr;
}

base::Error unexpected_outcome() {
  return {.kind = base::ErrorKind::Internal, .message = "unexpected outcome"};
}

}  // namespace piperoll::dialect
