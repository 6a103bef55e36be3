#include "service/service.h"

#include <array>
#include <atomic>
#include <utility>

#include "base/diagnostics.h"
#include "crypto/random.h"
#include "event/event_encoding.h"
#include "service/access_record.h"
#include "service/append.h"
#include "service/authorise.h"
#include "service/identity.h"
#include "service/login_steps.h"
#include "service/own_password.h"
#include "service/password_check.h"
#include "service/reads.h"
#include "service/refusals.h"
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

// What is shown to log in, and counted where it is refused.
enum LoginKind : std::size_t { ByPassword, ByKey, ByIssuer };
constexpr std::size_t kLoginKinds = 3;

std::optional<LoginKind> login_kind_of(const Call& call) {
  switch (call.credential.kind) {
    case auth::Credential::Kind::Password:
      return ByPassword;
    case auth::Credential::Kind::IssuerReturn:
      return ByIssuer;
    default:
      break;
  }
  const bool starts =
      call.operation && std::holds_alternative<operation::StartSession>(*call.operation);
  return starts ? std::optional(ByKey) : std::nullopt;
}

// Tells the caller of the limits, too.
Service::Done with_limits(std::vector<operation::LimitState> states, Service::Done done) {
  if (states.empty()) {
    return done;
  }
  return [states = std::move(states), done = std::move(done)](Reply reply) {
    reply.limits.insert(reply.limits.end(), states.begin(), states.end());
    done(std::move(reply));
  };
}

}  // namespace

struct Service::Impl {
  ServiceParts parts;
  ServiceOptions options;
  RequestLimits limits{options.limits};
  RefusalQuota refusals = {};
  std::array<std::atomic<std::uint64_t>, kLoginKinds> refused_logins = {};

  Reply reply_of(Result<Outcome> outcome, const registry::Registry::OrgPointer& org) const {
    return {.outcome = std::move(outcome), .org = org, .applications = &parts.registry};
  }

  void check_credential(Call&& call, Done&& done);
  void execute(Call&& call, Done&& done);
  bool limit_login(const Call& call, const std::optional<std::string>& account, Done& done);
  void count_refused(const Call& call);
  void change_password(const Admitted& admitted, const Call& call, Done done);
  Doors doors() const { return {parts.registry, parts.vault, parts.sessions}; }
  void note_use(const Call& call, const auth::Principal& principal);
  void refuse(const Call& call, const Error& error, const Done& done);
  void append(const Admitted& admitted, Call&& call, Done&& done);
  void change(const Admitted& admitted, const Call& call, const Done& done);
  void read(const Admitted& admitted, const Call& call, const Done& done);
  Result<void> record(const registry::Registry::OrgPointer& org, const event::Event& event,
                      std::function<void(Result<void>)> durable);
  void answer_told(const registry::Registry::OrgPointer& org, const event::Event& event,
                   const std::shared_ptr<Result<Outcome>>& held,
                   const registry::Registry::OrgPointer& own, const Done& done);
  void answer_recorded(const Admitted& admitted, const event::Event& event, Result<Outcome> outcome,
                       const Done& done);
};

Service::Service(ServiceParts parts, ServiceOptions options)
    : impl_(new Impl{std::move(parts), options}) {}

Service::~Service() = default;

ServiceStats Service::stats() const {
  const auto& refused = impl_->refused_logins;
  return {.refused_logins = {{{"password", refused[ByPassword].load()},
                              {"key", refused[ByKey].load()},
                              {"issuer", refused[ByIssuer].load()}}},
          .limited = impl_->limits.refused()};
}

// False: done was told that there were too many.
bool Service::Impl::limit_login(const Call& call, const std::optional<std::string>& account,
                                Done& done) {
  std::vector<operation::LimitState> states;
  auto taken = limits.take_login(call, account, parts.clock.monotonic_micros(), states);
  done = with_limits(std::move(states), std::move(done));
  if (taken) {
    return true;
  }
  done(reply_of(std::move(taken).error(), nullptr));
  return false;
}

void Service::Impl::count_refused(const Call& call) {
  if (auto kind = login_kind_of(call)) {
    refused_logins[*kind].fetch_add(1, std::memory_order_relaxed);
  }
}

// Tokens, passwords and what issuers send are looked at first, elsewhere: all take longer than a
// network thread has.
void Service::execute(Call call, Done done) {
  if (begins_login(call)) {
    if (impl_->limit_login(call, std::nullopt, done)) {
      begin_login(impl_->parts, std::move(call),
                  [impl = impl_.get(), done](Result<Outcome> outcome) {
                    done(impl->reply_of(std::move(outcome), nullptr));
                  });
    }
    return;
  }
  impl_->check_credential(std::move(call), std::move(done));
}

void Service::Impl::check_credential(Call&& call, Done&& done) {
  const bool token = has_unverified_token(parts, call);
  const bool password = !token && has_unchecked_password(parts, call);
  const bool issuer = has_unfinished_login(call);
  if (!token && !password && !issuer) {
    execute(std::move(call), std::move(done));
    return;
  }
  std::optional<std::string> account;
  if (password) {
    account = account_of(call.credential.login->email, call.credential.login->organisation);
  }
  if (!token && !limit_login(call, account, done)) {
    return;
  }
  const auto check = token ? check_token : password ? check_password : finish_login;
  auto next = [this, done = std::move(done), issuer](Result<Call> checked) {
    if (checked) {
      execute(*std::move(checked), Done(done));
      return;
    }
    if (issuer && checked.error().kind == ErrorKind::Unauthenticated) {
      refused_logins[ByIssuer].fetch_add(1, std::memory_order_relaxed);
    }
    done(reply_of(std::move(checked).error(), nullptr));
  };
  check(parts, std::move(call), std::move(next));
}

void Service::Impl::execute(Call&& call, Done&& done) {
  auto anyone = options.public_logs ? admit_anyone(parts.registry, call) : std::nullopt;
  auto admitted = anyone ? *std::move(anyone) : admit(doors(), call, parts.clock.now());
  if (!admitted) {
    refuse(call, admitted.error(), done);
    return;
  }
  std::vector<operation::LimitState> states;
  auto taken =
      limits.take_request(call, admitted->principal, parts.clock.monotonic_micros(), states);
  done = with_limits(std::move(states), std::move(done));
  if (!taken) {
    done(reply_of(std::move(taken).error(), admitted->org));
    return;
  }
  note_use(call, admitted->principal);
  if (!call.operation) {
    done(reply_of(std::move(call.operation).error(), admitted->org));
    return;
  }
  if (std::holds_alternative<operation::ChangePassword>(*call.operation)) {
    change_password(*admitted, call, std::move(done));
    return;
  }
  if (is_about_identity(*call.operation)) {
    answer_recorded(*admitted, access_event(call, admitted->principal, {}),
                    answer_identity(parts, *admitted, call), done);
    return;
  }
  if (is_append(call)) {
    append(*admitted, std::move(call), std::move(done));
    return;
  }
  if (is_registry_change(*call.operation)) {
    change(*admitted, call, done);
    return;
  }
  auto work = [this, admitted = *std::move(admitted), call = std::move(call), done] {
    read(admitted, call, done);
  };
  if (!parts.workers.post(std::move(work))) {
    done(reply_of(busy(), nullptr));
  }
}

// That the records of it may be lost when the queue is full is no harm: the next use is noted again
// a day later, and until a restart it is known anyway.
void Service::Impl::note_use(const Call& call, const auth::Principal& principal) {
  const base::Timestamp now = parts.clock.now();
  if (principal.id.is_nil()) {
    return;
  }
  const auto use = parts.registry.note_use(principal.id, now);
  if (use == registry::Registry::Use::Known) {
    return;
  }
  ingest::ControlRequest request;
  request.control = registry::UseKey{principal.id, now};
  request.done = [](const Result<registry::Control>&) {};
  static_cast<void>(parts.committer.submit(std::move(request)).has_value());
  if (use == registry::Registry::Use::First && principal.org) {
    auto recorded =
        record(parts.registry.org(*principal.org), first_use_event(call, principal), nullptr);
    static_cast<void>(recorded.has_value());
  }
}

// In the log of the organisation of whoever tried; of one of the server's own, in that which they
// named.
void Service::Impl::refuse(const Call& call, const Error& error, const Done& done) {
  count_refused(call);
  auto who = claimed_principal(doors(), call, parts.clock.now());
  registry::Registry::OrgPointer org;
  if (who) {
    org = who->org ? parts.registry.org(*who->org) : parts.registry.org_by(call.org.text);
  }
  auto uncounted =
      org ? refusals.take(org->id, parts.clock.monotonic_micros()) : std::optional<std::uint64_t>();
  if (uncounted) {
    answer_told(org, refusal_event(call, *who, error, *uncounted),
                std::make_shared<Result<Outcome>>(error), nullptr, done);
  } else {
    done(reply_of(error, nullptr));
  }
}

void Service::Impl::append(const Admitted& admitted, Call&& call, Done&& done) {
  auto& inputs = std::get<operation::AppendEvents>(*call.operation);
  append_events(
      parts, admitted, call, std::move(inputs),
      [this, org = admitted.org, done = std::move(done)](Result<operation::Appended> appended) {
        if (appended) {
          done(reply_of(Outcome(*std::move(appended)), org));
        } else {
          done(reply_of(std::move(appended).error(), org));
        }
      });
}

// Whose access log tells of a change: that of the organisation it is about.
registry::Registry::OrgPointer log_of_change(const Admitted& admitted, const Outcome& outcome) {
  if (const auto* created = std::get_if<operation::OrganisationCreated>(&outcome)) {
    return created->organisation;
  }
  if (const auto* changed = std::get_if<operation::OrganisationChanged>(&outcome)) {
    return changed->organisation;
  }
  return admitted.org;
}

void Service::Impl::change(const Admitted& admitted, const Call& call, const Done& done) {
  change_registry(parts, admitted, *call.operation,
                  [this, admitted, call, done](Result<Outcome> outcome) {
                    if (!outcome) {
                      done(reply_of(std::move(outcome).error(), admitted.org));
                      return;
                    }
                    auto org = log_of_change(admitted, *outcome);
                    event::Event event = change_event(call, admitted.principal, *outcome);
                    answer_told(org, event, std::make_shared<Result<Outcome>>(std::move(outcome)),
                                admitted.org, done);
                  });
}

// Guessing the old one is guessing at a login.
void Service::Impl::change_password(const Admitted& admitted, const Call& call, Done done) {
  if (!limit_login(call, account_of(admitted.principal.email, ""), done)) {
    return;
  }
  change_own_password(parts, admitted, call, [this, admitted, call, done](Result<Outcome> outcome) {
    if (!outcome && outcome.error().code == "wrong_password") {
      refuse(call, outcome.error(), done);
    } else if (!outcome) {
      done(reply_of(std::move(outcome).error(), admitted.org));
    } else {
      answer_told(admitted.org, access_event(call, admitted.principal, {}),
                  std::make_shared<Result<Outcome>>(std::move(outcome)), admitted.org, done);
    }
  });
}

// On a worker.
void Service::Impl::read(const Admitted& admitted, const Call& call, const Done& done) {
  // A stream records itself when it ends: only then it is known what was read.
  auto ended = [this, admitted, call](std::uint64_t rows, std::uint64_t tree_size) {
    auto recorded = record(
        admitted.org,
        access_event(call, admitted.principal, {.rows = rows, .tree_size = tree_size}), nullptr);
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
    answer_recorded(admitted, access_event(call, admitted.principal, *summary), std::move(outcome),
                    done);
  } else {
    done(reply_of(std::move(outcome), admitted.org));
  }
}

void Service::Impl::answer_recorded(const Admitted& admitted, const event::Event& event,
                                    Result<Outcome> outcome, const Done& done) {
  if (options.access_log == AccessLogMode::Background) {
    auto recorded = record(admitted.org, event, nullptr);
    done(recorded ? reply_of(std::move(outcome), admitted.org)
                  : reply_of(std::move(recorded).error(), admitted.org));
    return;
  }
  auto held = std::make_shared<Result<Outcome>>(std::move(outcome));
  auto recorded = record(
      admitted.org, event, [this, held, done, org = admitted.org](const Result<void>& durable) {
        done(durable ? reply_of(std::move(*held), org) : reply_of(durable.error(), org));
      });
  if (!recorded) {
    done(reply_of(std::move(recorded).error(), admitted.org));
  }
}

// Of what is no reading: what was done or refused stands, so it is answered also where it cannot be
// recorded any more, with a word in the diagnostics.
void Service::Impl::answer_told(const registry::Registry::OrgPointer& org,
                                const event::Event& event,
                                const std::shared_ptr<Result<Outcome>>& held,
                                const registry::Registry::OrgPointer& own, const Done& done) {
  const bool sync = options.access_log == AccessLogMode::Sync;
  std::function<void(Result<void>)> durable;
  if (sync) {
    durable = [this, held, own, done](const Result<void>&) {
      done(reply_of(std::move(*held), own));
    };
  }
  auto recorded = record(org, event, std::move(durable));
  if (!recorded) {
    base::warning("the access log lacks a record",
                  {{"action", event.action}, {"reason", recorded.error().message}});
  }
  if (!sync || !recorded) {
    done(reply_of(std::move(*held), own));
  }
}

// durable: called when the record is on disk; null if nobody waits for that. Nobody reads unseen:
// where the record cannot be queued the read is refused. Records of records there are none: reading
// the access log is one record, whatever it shows.
Result<void> Service::Impl::record(const registry::Registry::OrgPointer& org,
                                   const event::Event& event,
                                   std::function<void(Result<void>)> durable) {
  if (!org) {
    if (durable) {
      durable({});  // no organisation, so no log to wait for
    }
    return {};
  }
  ingest::AppendRequest request;
  request.log = {org->id, event::LogKind::Access};
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
