#pragma once
// The seam between the HTTP front and the application.

#include <cstddef>
#include <functional>
#include <optional>

#include "base/result.h"
#include "wire/message.h"

namespace piperoll::http {

// Called on network threads, several at once. Must not block.
class Handler {
 public:
  virtual ~Handler() = default;

  // The request's views are valid only during the call (kBodyPaddingBytes after its body may be
  // read). `done` may be called from any thread, during the call or later, and counts once; a
  // `done` that is destroyed uncalled answers 500. Answers leave in the order of the requests.
  virtual void handle(const wire::Request& request, std::function<void(wire::Response)> done) = 0;

  // The words for a request that the front refuses although its head is good: the body is empty
  // then. refusal_status(error) is the status to use, error.code one of the words below. Nothing:
  // the front answers with a problem document (RFC 9457).
  virtual std::optional<wire::Response> refuse(const wire::Request& /*request*/,
                                               const base::Error& /*error*/) {
    return std::nullopt;
  }

  // Which of the surfaces named to Metrics this request belongs to.
  virtual std::size_t surface(const wire::Request& /*request*/) { return 0; }
};

// error.code -> status:
//   malformed_request, request_ended_early, broken_compression 400; request_timeout 408;
//   body_too_large 413; unknown_content_coding 415; expectation_failed 417; header_too_large 431;
//   internal, no_answer 500; transfer_coding_unsupported 501; overloaded, too_many_connections,
//   handler_timeout 503; http_version_unsupported 505. Any other: 500.
int refusal_status(const base::Error& error);

// The answer in the front's own form: application/problem+json, with Retry-After and
// Accept-Encoding where the status asks for them. request_id: a sane one (request_id.h).
wire::Response refusal_response(const base::Error& error, std::string_view request_id);

}  // namespace piperoll::http
