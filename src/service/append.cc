#include "service/append.h"

#include <algorithm>

#include "base/ip_address.h"
#include "event/event_encoding.h"
#include "event/event_limits.h"
#include "event/event_validate.h"
#include "ingest/content_digest.h"
#include "service/access_record.h"
#include "service/service_limits.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using event::EncodedEvent;
using ingest::EventWrite;
using ingest::Placed;
using operation::Appended;
using operation::AppendResult;

// An append under way.
struct Append {
  ServiceParts& parts;
  AppendDone done;
  event::LogId log;
  bool atomic = true;
  bool want_records = false;
  bool chosen_ids = false;
  Appended appended;
  ingest::AppendRequest request;
  std::vector<std::size_t> index;  // of request.events[i] among the inputs
  base::Bytes arena_copy;          // of request.arena, where records are wanted
};

// Antidote's rule: who and from where is what the server saw, not what the body says.
void stamp(event::Event& event, const auth::Principal& principal, const operation::Call& call) {
  event.actor = {};
  event.actor.id = principal.subject;
  event.actor.type = actor_type(principal);
  event.actor.name = principal.name;
  if (!principal.email.empty()) {
    event.actor.email = principal.email;
  }
  if (auto ip = base::canonical_ip(call.remote_address)) {
    event.request.ip = *ip;
  }
  if (!call.user_agent.empty()) {
    event.request.user_agent = call.user_agent;
  }
}

Error application_not_found(std::string_view member) {
  return {.kind = ErrorKind::NotFound,
          .message = "no such application",
          .code = "application_not_found",
          .faults = {{"/application/" + std::string(member), "is not a registered application"}}};
}

using ApplicationPointer = registry::Registry::ApplicationPointer;

// REQUIRES: id or key.
Result<ApplicationPointer> find_application(const registry::Registry& registry,
                                            const base::Uuid& org,
                                            const event::EventView::Application& named) {
  if (!named.id) {
    ApplicationPointer found = registry.application_keyed(org, *named.key);
    if (!found) {
      return application_not_found("key");
    }
    return found;
  }
  auto id = base::parse_uuid(*named.id);
  ApplicationPointer found = id ? registry.application(org, *id) : nullptr;
  if (!found) {
    return application_not_found("id");
  }
  if (named.key && *named.key != found->key) {
    return Error{
        .kind = ErrorKind::InvalidArgument,
        .message = "application id and key name different applications",
        .code = "application_mismatch",
        .faults = {{"/application/key", "must be the key of the application with this id"}}};
  }
  return found;
}

// An event that the service adds to (both members of the application, the caller) is encoded once
// more, behind the others of its batch.
Result<EncodedEvent> complete(ServiceParts& parts, const Admitted& admitted,
                              const operation::Call& call, const operation::AppendEvents& inputs,
                              const EncodedEvent& event, base::Bytes& arena) {
  const base::Bytes bytes =
      arena.substr(event.offset, event.length);  // the arena moves as it grows
  ASSIGN_OR_RETURN(event::EventView view, event::decode_event(bytes));
  std::string application_id;
  ApplicationPointer application;
  if (view.application.id || view.application.key) {
    ASSIGN_OR_RETURN(application,
                     find_application(parts.registry, admitted.org->id, view.application));
    application_id = application->id.to_string();
    view.application = {application_id, application->key};
  }
  if (!inputs.stamp_caller) {
    return event::add_encoded(arena, view);
  }
  event::Event stamped = event::own(view);
  stamp(stamped, admitted.principal, call);
  RETURN_IF_ERROR(event::validate(stamped));
  return event::add_encoded(arena, event::view_of(stamped));
}

void add_write(Append& append, std::size_t input, const event::EventBatch& batch,
               const EncodedEvent& event) {
  EventWrite write{.offset = event.offset, .length = event.length};
  const base::ByteView encoded = batch.bytes_of(event);
  const event::EncodedHead head = event::head_of(encoded);
  if (!head.id.empty()) {
    write.digest = ingest::content_digest(append.parts.content_key, encoded, head.occurred_at);
    write.id = head.id;
    append.chosen_ids = true;
  }
  append.request.events.push_back(std::move(write));
  append.index.push_back(input);
}

void reject(AppendResult& result, Error error) {
  result.kind = AppendResult::Kind::Rejected;
  result.error = std::move(error);
}

Error id_conflict(const std::string& id) {
  return {.kind = ErrorKind::Conflict,
          .message = "an event with id \"" + id + "\" and other content is stored already",
          .code = "id_conflict",
          .faults = {{"/id", "is taken by an event with other content"}}};
}

bool could_be_made_here(const ServiceParts& parts, const event::LogId& log, std::string_view id) {
  const std::optional<base::Uuid> uuid = base::parse_canonical_uuid(id);
  return uuid && parts.ids.seq_of(log, *uuid);
}

// Asks the store about every id that its caller chose.
Result<void> probe(Append& append) {
  ServiceParts& parts = append.parts;
  // An id of ours may name a record that is durable but not applied yet.
  const bool ours = std::any_of(
      append.request.events.begin(), append.request.events.end(), [&](const EventWrite& write) {
        return !write.id.empty() && could_be_made_here(parts, append.log, write.id);
      });
  if (ours) {
    RETURN_IF_ERROR(
        parts.indexer.wait_applied(parts.committer.durable_lsn(append.log), kReadWaitMicros));
  }
  append.request.probed = parts.indexer.applied_lsn();  // before looking
  for (EventWrite& write : append.request.events) {
    if (write.id.empty()) {
      continue;
    }
    ASSIGN_OR_RETURN(write.known, ingest::find_known_id(parts.store, append.log, write.id,
                                                        append.request.encoded(write)));
  }
  return {};
}

Result<event::Record> record_of(const Append& append, const EventWrite& write,
                                const Placed& placed) {
  event::RecordHead head{.seq = placed.seq,
                         .recorded_at = placed.recorded_at,
                         .seed = placed.seed,
                         .made_id = placed.made_id};
  base::Bytes bytes;
  event::append_record(bytes, head,
                       base::ByteView(append.arena_copy).substr(write.offset, write.length));
  return event::Record::decode(bytes);
}

Result<void> fill_result(Append& append, const EventWrite& write, const Placed& placed,
                         AppendResult& result) {
  result.id = write.id.empty() ? placed.made_id.to_string() : write.id;
  result.seq = placed.seq;
  result.recorded_at = placed.recorded_at;
  switch (placed.kind) {
    case Placed::Kind::Stored:
      result.kind = AppendResult::Kind::Stored;
      if (append.want_records) {
        ASSIGN_OR_RETURN(event::Record record, record_of(append, write, placed));
        result.record = std::make_shared<const event::Record>(std::move(record));
      }
      break;
    case Placed::Kind::Duplicate:
      result.kind = AppendResult::Kind::Duplicate;
      break;
    case Placed::Kind::Conflict:
      reject(result, id_conflict(write.id));
      append.appended.any_rejected = true;
      break;
    case Placed::Kind::Aborted:
      result.kind = AppendResult::Kind::Aborted;
      if (write.id.empty()) {
        result.id.clear();
      }
      break;
  }
  return {};
}

// A single duplicate, or one whose record is wanted, is answered with what was stored the first
// time.
bool needs_stored(const Append& append, const AppendResult& result) {
  return result.kind == AppendResult::Kind::Duplicate &&
         (append.want_records || append.appended.results.size() == 1);
}

Result<void> load_duplicates(Append& append) {
  ServiceParts& parts = append.parts;
  RETURN_IF_ERROR(
      parts.indexer.wait_applied(parts.committer.durable_lsn(append.log), kReadWaitMicros));
  for (AppendResult& result : append.appended.results) {
    if (needs_stored(append, result)) {
      ASSIGN_OR_RETURN(event::Record record, parts.store.get(append.log, result.seq));
      result.recorded_at = record.recorded_at();
      result.record = std::make_shared<const event::Record>(std::move(record));
    }
  }
  return {};
}

Error busy() {
  return {.kind = ErrorKind::ResourceExhausted,
          .message = "too many requests are waiting; try again",
          .code = "busy"};
}

void answer(Append& append) {
  append.done(std::move(append.appended));
}

// On the committer's thread: short, and what may block goes to a worker.
void placed_all(const std::shared_ptr<Append>& append, const std::vector<EventWrite>& writes,
                Result<std::vector<Placed>> placed) {
  if (!placed) {
    append->done(std::move(placed).error());
    return;
  }
  for (std::size_t i = 0; i < writes.size(); ++i) {
    AppendResult& result = append->appended.results[append->index[i]];
    if (auto filled = fill_result(*append, writes[i], (*placed)[i], result); !filled) {
      append->done(std::move(filled).error());
      return;
    }
  }
  const auto& results = append->appended.results;
  const bool load = std::any_of(results.begin(), results.end(), [&](const AppendResult& result) {
    return needs_stored(*append, result);
  });
  if (!load) {
    answer(*append);
    return;
  }
  const bool posted = append->parts.workers.post([append] {
    if (auto loaded = load_duplicates(*append); !loaded) {
      append->done(std::move(loaded).error());
    } else {
      answer(*append);
    }
  });
  if (!posted) {
    append->done(busy());
  }
}

void submit(const std::shared_ptr<Append>& append) {
  auto writes = std::make_shared<std::vector<EventWrite>>();
  writes->reserve(append->request.events.size());
  for (const EventWrite& write : append->request.events) {
    writes->push_back({.offset = write.offset, .length = write.length, .id = write.id});
  }
  append->request.log = append->log;
  append->request.atomic = append->atomic;
  append->request.done = [append, writes](Result<std::vector<Placed>> placed) {
    placed_all(append, *writes, std::move(placed));
  };
  ingest::AppendRequest request = std::move(append->request);
  if (auto accepted = append->parts.committer.append(std::move(request)); !accepted) {
    append->done(std::move(accepted).error());
  }
}

void abort_all(Appended& appended) {
  for (AppendResult& result : appended.results) {
    if (result.kind != AppendResult::Kind::Rejected) {
      result.kind = AppendResult::Kind::Aborted;
    }
  }
}

// One input: to be written, or rejected.
void take_input(Append& append, const Admitted& admitted, const operation::Call& call,
                operation::AppendEvents& inputs, std::size_t input) {
  AppendResult& result = append.appended.results[input];
  event::EventBatch& batch = inputs.batch;
  Result<EncodedEvent>& event = batch.events[input];
  if (event) {
    const event::EncodedHead head = event::head_of(batch.bytes_of(*event));
    result.id = head.id;
    if (head.names_application || inputs.stamp_caller) {
      event = complete(append.parts, admitted, call, inputs, *event, batch.arena);
    }
  }
  if (event) {
    add_write(append, input, batch, *event);
  } else {
    reject(result, std::move(event).error());
    append.appended.any_rejected = true;
  }
}

}  // namespace

void append_events(ServiceParts& parts, const Admitted& admitted, const operation::Call& call,
                   operation::AppendEvents&& inputs, AppendDone done) {
  auto append = std::make_shared<Append>(Append{.parts = parts, .done = std::move(done)});
  const std::size_t count = inputs.batch.events.size();
  append->log = {admitted.org->id, event::LogKind::Events};
  append->atomic = inputs.atomic;
  append->want_records = inputs.want_records;
  append->appended.results.resize(count);
  append->request.events.reserve(count);
  append->index.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    take_input(*append, admitted, call, inputs, i);
  }
  append->request.arena = std::move(inputs.batch.arena);
  if (append->atomic && append->appended.any_rejected) {
    abort_all(append->appended);
    append->request.events.clear();
  }
  if (append->request.events.empty()) {
    answer(*append);
    return;
  }
  if (append->want_records) {
    append->arena_copy = append->request.arena;
  }
  if (!append->chosen_ids) {
    submit(append);
    return;
  }
  const bool posted = parts.workers.post([append] {
    if (auto probed = probe(*append); !probed) {
      append->done(std::move(probed).error());
    } else {
      submit(append);
    }
  });
  if (!posted) {
    append->done(busy());
  }
}

}  // namespace piperoll::service
