#include "service/token_check.h"

#include <memory>
#include <utility>

#include "auth/web_token.h"
#include "base/diagnostics.h"

namespace piperoll::service {

namespace {

using operation::Call;
using Next = std::function<void(base::Result<Call>)>;

// One token on its way; kept alive by the task that it waits for.
struct Check : std::enable_shared_from_this<Check> {
  Check(ServiceParts& the_parts, Call the_call, Next then)
      : parts(the_parts), call(std::move(the_call)), next(std::move(then)) {}

  ServiceParts& parts;
  Call call;
  Next next;
  bool fetched = false;  // newer keys were asked for already

  void start() {
    if (!parts.workers.post([self = shared_from_this()] { self->run(); })) {
      next(busy());
    }
  }

  // On a worker.
  void run() {
    const std::string& token = call.credential.secret;
    auto identity = parts.tokens->verify(token, parts.clock.now());
    if (identity) {
      call.credential.token = *std::move(identity);
    } else if (identity.error().code == "unknown_key" && !std::exchange(fetched, true) &&
               parts.tokens->refresh(token, [self = shared_from_this()] { self->start(); })) {
      return;
    } else {
      base::debug("a token was refused",
                  {{"reason", identity.error().message}, {"request_id", call.request_id}});
    }
    next(std::move(call));
  }
};

}  // namespace

bool has_unverified_token(const ServiceParts& parts, const Call& call) {
  return parts.tokens != nullptr && parts.tokens->has_issuers() && !call.credential.token &&
         call.credential.kind == auth::Credential::Kind::Secret &&
         auth::has_form_of_token(call.credential.secret);
}

void check_token(ServiceParts& parts, Call call, Next next) {
  if (auto known = parts.tokens->recall(call.credential.secret, parts.clock.now())) {
    call.credential.token = std::move(known);
    next(std::move(call));
    return;
  }
  std::make_shared<Check>(parts, std::move(call), std::move(next))->start();
}

base::Error busy() {
  return {.kind = base::ErrorKind::ResourceExhausted,
          .message = "too many requests are waiting; try again",
          .code = "busy"};
}

}  // namespace piperoll::service
