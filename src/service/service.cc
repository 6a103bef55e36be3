#include "service/service.h"

#include <utility>

#include "crypto/random.h"
#include "event/event_encoding.h"
#include "service/access_record.h"
#include "service/append.h"
#include "service/authorise.h"
#include "service/identity.h"
#include "service/password_check.h"
#include "service/reads.h"
#include "service/registry_changes.h"
#include "service/service_limits.h"
#include "service/token_check.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Call;
using operation::Outcome;
using operation::Reply;

bool is_append(const Call& call) {
  return std::holds_alternative<operation::AppendEvents>(*call.operation);
}

}  // namespace

struct Service::Impl {
  ServiceParts parts;
  ServiceOptions options;

  Reply reply_of(Result<Outcome> outcome, const registry::Registry::OrgPointer& org) const {
    return {.outcome = std::move(outcome), .org = org, .applications = &parts.registry};
  }

  void execute(Call call, Done done);
  void note_use(const auth::Principal& principal);
  void append(Admitted admitted, Call call, const Done& done);
  void change(Admitted admitted, Call call, const Done& done);
  void read(const Admitted& admitted, const Call& call, const Done& done);
  Result<void> record_read(const Admitted& admitted, const Call& call, const ReadSummary& summary,
                           std::function<void(Result<void>)> durable);
  void answer_recorded(const Admitted& admitted, const Call& call, const ReadSummary& summary,
                       Result<Outcome> outcome, const Done& done);
};

Service::Service(ServiceParts parts, ServiceOptions options)
    : impl_(new Impl{std::move(parts), options}) {}

Service::~Service() = default;

// Tokens and passwords are looked at first, elsewhere: both take longer than a network thread has.
void Service::execute(Call call, Done done) {
  const bool token = has_unverified_token(impl_->parts, call);
  if (!token && !has_unchecked_password(impl_->parts, call)) {
    impl_->execute(std::move(call), std::move(done));
    return;
  }
  const auto check = token ? check_token : check_password;
  check(impl_->parts, std::move(call),
        [impl = impl_.get(), done = std::move(done)](Result<Call> checked) {
          if (checked) {
            impl->execute(*std::move(checked), done);
          } else {
            done(impl->reply_of(std::move(checked).error(), nullptr));
          }
        });
}

void Service::Impl::execute(Call call, Done done) {
  auto anyone = options.public_logs ? admit_anyone(parts.registry, call) : std::nullopt;
  auto admitted =
      anyone ? *std::move(anyone)
             : admit({parts.registry, parts.vault, parts.sessions}, call, parts.clock.now());
  if (!admitted) {
    done(reply_of(std::move(admitted).error(), nullptr));
    return;
  }
  note_use(admitted->principal);
  if (!call.operation) {
    done(reply_of(std::move(call.operation).error(), admitted->org));
    return;
  }
  if (is_about_identity(*call.operation)) {
    answer_recorded(*admitted, call, {}, answer_identity(parts, *admitted, call), done);
    return;
  }
  if (is_append(call)) {
    append(*std::move(admitted), std::move(call), done);
    return;
  }
  if (is_registry_change(*call.operation)) {
    change(*std::move(admitted), std::move(call), done);
    return;
  }
  auto work = [this, admitted = *std::move(admitted), call = std::move(call), done] {
    read(admitted, call, done);
  };
  if (!parts.workers.post(std::move(work))) {
    done(reply_of(busy(), nullptr));
  }
}

// That the record of it may be lost when the queue is full is no harm: the next use is noted again
// a day later, and until a restart it is known anyway.
void Service::Impl::note_use(const auth::Principal& principal) {
  const base::Timestamp now = parts.clock.now();
  if (principal.id.is_nil() || !parts.registry.note_use(principal.id, now)) {
    return;
  }
  ingest::ControlRequest request;
  request.control = registry::UseKey{principal.id, now};
  request.done = [](const Result<registry::Control>&) {};
  static_cast<void>(parts.committer.submit(std::move(request)).has_value());
}

void Service::Impl::append(Admitted admitted, Call call, const Done& done) {
  auto& inputs = std::get<operation::AppendEvents>(*call.operation);
  append_events(parts, admitted, call, std::move(inputs),
                [this, org = admitted.org, done](Result<operation::Appended> appended) {
                  if (appended) {
                    done(reply_of(Outcome(*std::move(appended)), org));
                  } else {
                    done(reply_of(std::move(appended).error(), org));
                  }
                });
}

void Service::Impl::change(Admitted admitted, Call call, const Done& done) {
  change_registry(parts, admitted, *call.operation,
                  [this, org = admitted.org, done](Result<Outcome> outcome) {
                    done(reply_of(std::move(outcome), org));
                  });
}

// On a worker.
void Service::Impl::read(const Admitted& admitted, const Call& call, const Done& done) {
  // A stream records itself when it ends: only then it is known what was read.
  auto ended = [this, admitted, call](std::uint64_t rows, std::uint64_t tree_size) {
    auto recorded = record_read(admitted, call, {.rows = rows, .tree_size = tree_size}, nullptr);
    static_cast<void>(recorded.has_value());  // the stream is over: there is nobody left to refuse
  };
  Result<Outcome> outcome = run_read(parts, admitted, call, ended);
  std::optional<ReadSummary> summary;
  if (outcome) {
    summary = summary_of(*outcome);
  } else if (outcome.error().kind == ErrorKind::NotFound) {
    summary.emplace();  // looking for what is not there is reading, too
  }
  if (summary) {
    answer_recorded(admitted, call, *summary, std::move(outcome), done);
  } else {
    done(reply_of(std::move(outcome), admitted.org));
  }
}

void Service::Impl::answer_recorded(const Admitted& admitted, const Call& call,
                                    const ReadSummary& summary, Result<Outcome> outcome,
                                    const Done& done) {
  if (options.access_log == AccessLogMode::Background) {
    auto recorded = record_read(admitted, call, summary, nullptr);
    done(recorded ? reply_of(std::move(outcome), admitted.org)
                  : reply_of(std::move(recorded).error(), admitted.org));
    return;
  }
  auto held = std::make_shared<Result<Outcome>>(std::move(outcome));
  auto recorded = record_read(
      admitted, call, summary, [this, held, done, org = admitted.org](const Result<void>& durable) {
        done(durable ? reply_of(std::move(*held), org) : reply_of(durable.error(), org));
      });
  if (!recorded) {
    done(reply_of(std::move(recorded).error(), admitted.org));
  }
}

// durable: called when the record is on disk; null if nobody waits for that. Nobody reads unseen:
// where the record cannot be queued the read is refused.
Result<void> Service::Impl::record_read(const Admitted& admitted, const Call& call,
                                        const ReadSummary& summary,
                                        std::function<void(Result<void>)> durable) {
  if (!admitted.org) {
    if (durable) {
      durable({});  // no organisation, so no log to wait for
    }
    return {};
  }
  event::Event event = access_event(call, admitted.principal, summary);
  ingest::AppendRequest request;
  request.log = {admitted.org->id, event::LogKind::Access};
  event::append_encoded_event(request.arena, event::view_of(event));
  request.events.push_back({.offset = 0, .length = request.arena.size()});
  request.hurry = durable != nullptr;
  request.done = [durable = std::move(durable)](const Result<std::vector<ingest::Placed>>& placed) {
    if (durable) {
      durable(placed ? Result<void>() : Result<void>(placed.error()));
    }
  };
  auto accepted = parts.committer.append(std::move(request));
  if (!accepted) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "the access log cannot take a record, so nothing may be read: " +
                            accepted.error().message,
                 .code = "access_log_full"};
  }
  return {};
}

}  // namespace piperoll::service
