#pragma once
// Dialect: one API surface. It maps wire <-> operation and nothing more: decode and encode are pure
// functions, the service between them is not seen here. Immutable; thread-safe.

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect {

struct DecodeContext {
  base::Timestamp now;  // when the request arrived
};

// A request that goes to the service, and how its answer is worded. encode holds what the answer
// needs of the request; it is called once, on any thread, after the request is gone.
struct Exchange {
  operation::Call call;
  std::function<wire::Response(operation::Reply&&)> encode;
};

// Either that, or an answer that needs no service (unknown path, wrong method, refused before
// authentication).
using Decoded = std::variant<wire::Response, Exchange>;

struct Route {
  std::string_view method;   // "GET"
  std::string_view pattern;  // "/v1/events/{id}"
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view surface() const = 0;  // "frontier"; for metrics and the access log
  // The paths that are this dialect's, known or not ("/api/v2" and below): it words their errors.
  virtual bool owns(std::string_view path) const = 0;
  virtual std::vector<Route> routes() const = 0;
  virtual Decoded decode(const wire::Request& request, const DecodeContext& context) const = 0;
  // How a failure outside the dialect is worded: 413 (TooLarge), 415 (InvalidArgument, code
  // "unsupported_coding" or "unsupported_media_type"), 400 (broken compression), 429, 503, 500.
  virtual wire::Response encode_error(const wire::Request& request,
                                      const base::Error& error) const = 0;
};

}  // namespace piperoll::dialect
