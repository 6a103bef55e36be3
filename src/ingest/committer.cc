#include "ingest/committer.h"

#include <algorithm>
#include <chrono>

#include "base/diagnostics.h"
#include "base/thread.h"
#include "ingest/content_digest.h"
#include "ingest/frame.h"

namespace piperoll::ingest {

namespace {

using base::Error;
using base::ErrorKind;
using base::MutexLock;
using base::Result;

std::size_t bytes_of(const AppendRequest& request) {
  return request.arena.size() + request.events.size() * sizeof(EventWrite) + sizeof(request);
}

Error unavailable(const char* code, std::string message) {
  return {.kind = ErrorKind::Unavailable, .message = std::move(message), .code = code};
}

base::Timestamp newest_of(const store::EventStore& store) {
  base::Timestamp newest;
  for (const event::LogId& log : store.logs()) {
    newest = std::max(newest, store.newest_recorded_at(log).value_or(base::Timestamp{}));
  }
  return newest;
}

}  // namespace

// What the committer gathers for one frame. Nothing outside it changes before the frame is durable,
// but for RecentIds, which can take back its newest.
struct Committer::Group {
  base::Bytes payload;
  std::size_t records = 0;
  store::Lsn lsn = 0;  // that the frame will have
  base::Timestamp recorded_at;
  std::unordered_map<event::LogId, std::uint64_t, event::LogIdHash>
      heads;                   // next seq, where changed
  std::size_t recent_ids = 0;  // inserted for this group
  std::optional<registry::Control> control;
  std::vector<std::function<void(const Result<void>&)>> completions;
  CommitterStats counts;
};

Committer::Committer(journal::Journal& journal, store::EventStore& store,
                     registry::Registry& registry, Indexer& indexer, const store::IdCipher& ids,
                     const base::Clock& clock, const CommitterOptions& options)
    : journal_(journal),
      store_(store),
      registry_(registry),
      indexer_(indexer),
      ids_(ids),
      clock_(clock),
      options_(options),
      refusal_(options.refusal),
      durable_(journal.last_lsn()),
      recent_(kRecentIdsMax, journal.last_lsn()),
      last_recorded_(newest_of(store)),
      last_wall_micros_(clock.now().micros),
      last_monotonic_micros_(clock.monotonic_micros()) {
  for (const event::LogId& log : store.logs()) {
    logs_[log] = {.next_seq = store.size(log), .last_lsn = journal.last_lsn()};
  }
  thread_ = std::thread([this] {
    base::name_this_thread("committer");
    run();
  });
}

Committer::~Committer() {
  stop();
}

Result<void> Committer::append(AppendRequest request) {
  const std::size_t bytes = bytes_of(request);
  const bool hurry = request.hurry;
  return enqueue(std::move(request), bytes, hurry);
}

Result<void> Committer::submit(ControlRequest request) {
  return enqueue(std::move(request), sizeof(ControlRequest), true);
}

Result<void> Committer::enqueue(Request request, std::size_t bytes, bool hurry) {
  ASSIGN_OR_RETURN(const bool wake, put_in_queue(std::move(request), bytes, hurry));
  if (wake) {
    arrived_.notify_one();
  }
  return {};
}

// True: the committer may be waiting for this one.
Result<bool> Committer::put_in_queue(Request&& request, std::size_t bytes, bool hurry) {
  MutexLock lock(mutex_);
  if (!refusal_) {
    return refusal_.error();
  }
  if (stopping_) {
    return unavailable("shutting_down", "the server is shutting down");
  }
  const bool full = hurry ? queue_bytes_ - access_bytes_ >= options_.queue_bytes_max
                          : access_bytes_ >= options_.access_queue_bytes_max;
  if (full) {
    return Error{.kind = ErrorKind::ResourceExhausted,
                 .message = "too many writes are waiting for the disk; try again",
                 .code = "busy"};
  }
  queue_bytes_ += bytes;
  if (!hurry) {
    access_bytes_ += bytes;
  }
  queue_.push_back(std::move(request));
  const bool wake = queue_.size() == 1 || (hurry && !hurry_);
  hurry_ = hurry_ || hurry;
  return wake;
}

store::Lsn Committer::durable_lsn(const event::LogId& log) const {
  MutexLock lock(logs_mutex_);
  auto found = logs_.find(log);
  return found == logs_.end() ? 0 : found->second.last_lsn;
}

Result<void> Committer::writable() const {
  MutexLock lock(mutex_);
  if (stopping_) {
    return unavailable("shutting_down", "the server is shutting down");
  }
  return refusal_;
}

CommitterStats Committer::stats() const {
  MutexLock lock(mutex_);
  CommitterStats stats = stats_;
  stats.queue_bytes = queue_bytes_;
  return stats;
}

void Committer::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    arrived_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

// False when there is nothing left and none will come.
bool Committer::wait_for_requests(std::vector<Request>& out) {
  MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) {
    arrived_.wait(mutex_);
  }
  const std::int64_t deadline = clock_.monotonic_micros() + options_.access_delay_micros;
  while (!hurry_ && !stopping_) {
    const std::int64_t left = deadline - clock_.monotonic_micros();
    if (left <= 0 || !arrived_.wait_for(mutex_, std::chrono::microseconds(left))) {
      break;
    }
  }
  out.swap(queue_);
  queue_bytes_ = access_bytes_ = 0;
  hurry_ = false;
  return !out.empty() || !stopping_;
}

void Committer::run() {
  std::vector<Request> requests;
  while (wait_for_requests(requests)) {
    commit(requests);
    requests.clear();
  }
}

// Writes the requests as one frame after the other: a frame ends at kGroupBytesMax, and after a
// control record, so that the next one is prepared against a state that has it.
void Committer::commit(std::vector<Request>& requests) {
  std::size_t next = 0;
  while (next < requests.size()) {
    Group group;
    group.lsn = journal_.last_lsn() + 1;
    group.recorded_at = std::max(last_recorded_, clock_.now());
    begin_frame(group.payload);
    seed_keys_.begin_group();
    Result<void> clock_good = check_clock();
    do {
      std::visit([&](auto& request) { place(request, group); }, requests[next]);
      ++next;
    } while (next < requests.size() && group.payload.size() < kGroupBytesMax && !group.control);
    if (!clock_good) {
      finish(group, std::move(clock_good).error());
    } else if (group.records == 0) {
      finish(group, group.lsn - 1);  // only duplicates and refusals: nothing to write
    } else {
      finish(group, journal_.append(group.payload));
    }
  }
}

// A clock that ran ahead of the monotonic one by more than a minute stops writing: recorded_at can
// never go back, so the log would be stuck in a future that may be wrong.
Result<void> Committer::check_clock() {
  const std::int64_t wall = clock_.now().micros;
  const std::int64_t monotonic = clock_.monotonic_micros();
  const std::int64_t jump = (wall - last_wall_micros_) - (monotonic - last_monotonic_micros_);
  if (jump > kClockJumpMicros) {
    Error error = unavailable(
        "clock_jump", "the clock jumped forward by " + std::to_string(jump / 1'000'000) +
                          " s; writing stops until the server is restarted with the right time");
    base::error("the clock jumped; no more writes until restart",
                {{"seconds", std::to_string(jump / 1'000'000)}});
    MutexLock lock(mutex_);
    refusal_ = error;
    return error;
  }
  last_wall_micros_ = wall;
  last_monotonic_micros_ = monotonic;
  return {};
}

Result<void> Committer::check_org(const event::LogId& log) const {
  auto org = registry_.org(log.org);
  if (!org) {
    return Error{
        .kind = ErrorKind::NotFound, .message = "no such organisation", .code = "org_not_found"};
  }
  if (!org->enabled && log.kind == event::LogKind::Events) {
    return Error{.kind = ErrorKind::Forbidden,
                 .message = "the organisation is disabled",
                 .code = "org_disabled"};
  }
  return {};
}

std::uint64_t Committer::next_seq(const event::LogId& log, Group& group) {
  auto known = group.heads.find(log);
  if (known != group.heads.end()) {
    return known->second;
  }
  MutexLock lock(logs_mutex_);
  auto found = logs_.find(log);
  std::uint64_t seq = found == logs_.end() ? 0 : found->second.next_seq;
  group.heads[log] = seq;
  return seq;
}

// Stored when the id is new; seq is set for the other answers.
Placed::Kind Committer::check_id(const AppendRequest& request, const EventWrite& event,
                                 std::uint64_t& seq) const {
  if (event.id.empty()) {
    return Placed::Kind::Stored;
  }
  if (event.known) {
    seq = event.known->seq;
    return event.known->same_content ? Placed::Kind::Duplicate : Placed::Kind::Conflict;
  }
  if (const RecentId* recent = recent_.find(request.log, event.id)) {
    seq = recent->seq;
    return same_content(recent->digest, event.digest) ? Placed::Kind::Duplicate
                                                      : Placed::Kind::Conflict;
  }
  return Placed::Kind::Stored;
}

// A request that waited so long that ids it could not see are no longer among the recent ones asks
// the store again.
Result<void> Committer::look_again(AppendRequest& request) const {
  if (request.probed >= recent_.floor()) {
    return {};
  }
  for (EventWrite& event : request.events) {
    if (event.id.empty() || event.known) {
      continue;
    }
    ASSIGN_OR_RETURN(event.known,
                     find_known_id(store_, request.log, event.id, request.encoded(event)));
  }
  return {};
}

// Ids are made for all that is left of a request at once: one by one they cost three times as much.
base::Uuid Committer::made_id(const AppendRequest& request, std::size_t index,
                              const event::RecordHead& head) {
  const std::uint64_t behind = head.seq - made_from_;
  if (!(made_log_ == request.log) || made_at_ != head.recorded_at || head.seq < made_from_ ||
      behind >= made_ids_.size()) {
    std::vector<event::RecordPlace> places;
    for (std::size_t i = 0; i < request.events.size() - index; ++i) {
      places.push_back({.seq = head.seq + i, .recorded_at = head.recorded_at});
    }
    made_ids_.resize(places.size());
    ids_.make_many(request.log, places, made_ids_);
    made_log_ = request.log;
    made_at_ = head.recorded_at;
    made_from_ = head.seq;
    return made_ids_.front();
  }
  return made_ids_[behind];
}

Placed Committer::store_event(const AppendRequest& request, std::size_t index, Group& group) {
  const EventWrite& event = request.events[index];
  event::RecordHead head;
  head.seq = group.heads[request.log]++;
  head.recorded_at = group.recorded_at;
  head.seed = seed_keys_.of(request.log, head.seq);
  if (event.id.empty()) {
    head.made_id = made_id(request, index, head);
  } else {
    recent_.insert(request.log, event.id,
                   {.seq = head.seq,
                    .recorded_at = head.recorded_at,
                    .digest = event.digest,
                    .lsn = group.lsn});
    ++group.recent_ids;
  }
  add_event(group.payload, request.log, head, request.encoded(event));
  ++group.records;
  return {.kind = Placed::Kind::Stored,
          .seq = head.seq,
          .recorded_at = head.recorded_at,
          .made_id = head.made_id,
          .seed = head.seed};
}

void Committer::place(AppendRequest& request, Group& group) {
  ++group.counts.requests;
  auto shared_done = std::move(request.done);
  auto good = check_org(request.log);
  if (good) {
    good = look_again(request);
  }
  if (!good) {
    group.completions.push_back([done = std::move(shared_done), error = std::move(good).error()](
                                    const Result<void>&) { done(error); });
    return;
  }
  next_seq(request.log, group);  // puts the log's head into the group
  std::vector<Placed> placed(request.events.size());
  const std::size_t records_before = group.records;
  const std::size_t payload_before = group.payload.size();
  const std::uint64_t seq_before = group.heads[request.log];
  const std::size_t recent_before = group.recent_ids;
  bool conflict = false;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    placed[i].kind = check_id(request, request.events[i], placed[i].seq);
    if (placed[i].kind == Placed::Kind::Stored) {
      placed[i] = store_event(request, i, group);
    }
    conflict = conflict || placed[i].kind == Placed::Kind::Conflict;
  }
  if (conflict && request.atomic) {
    // Take back what this request put into the group.
    group.payload.resize(payload_before);
    group.records = records_before;
    group.heads[request.log] = seq_before;
    recent_.undo(group.recent_ids - recent_before);
    group.recent_ids = recent_before;
    for (Placed& one : placed) {
      if (one.kind != Placed::Kind::Conflict) {
        one = {.kind = Placed::Kind::Aborted};
      }
    }
  }
  for (const Placed& one : placed) {
    group.counts.events += one.kind == Placed::Kind::Stored ? 1 : 0;
    group.counts.duplicates += one.kind == Placed::Kind::Duplicate ? 1 : 0;
    group.counts.conflicts += one.kind == Placed::Kind::Conflict ? 1 : 0;
  }
  group.completions.push_back([done = std::move(shared_done),
                               placed = std::move(placed)](const Result<void>& written) mutable {
    if (written) {
      done(std::move(placed));
    } else {
      done(written.error());
    }
  });
}

void Committer::place(ControlRequest& request, Group& group) {
  auto prepared = registry_.prepare(request.control);
  if (!prepared) {
    group.completions.push_back(
        [done = std::move(request.done), error = std::move(prepared).error()](const Result<void>&) {
          done(error);
        });
    return;
  }
  add_control(group.payload, registry::encode_control(request.control));
  ++group.records;
  group.control = request.control;
  group.completions.push_back([done = std::move(request.done),
                               control = std::move(request.control)](const Result<void>& written) {
    if (written) {
      done(control);
    } else {
      done(written.error());
    }
  });
}

void Committer::finish(Group& group, Result<store::Lsn> written) {
  Result<void> outcome;
  if (!written) {
    recent_.undo(group.recent_ids);
    outcome = std::move(written).error();
    if (journal_.failed()) {
      MutexLock lock(mutex_);
      refusal_ = unavailable("journal_failed",
                             "writing to the journal failed; nothing is accepted until restart");
    }
  } else if (group.records > 0) {
    last_recorded_ = group.recorded_at;
    if (group.control) {
      registry_.apply(*group.control);
    }
    {
      MutexLock lock(logs_mutex_);
      for (const auto& [log, seq] : group.heads) {
        Log& head = logs_[log];
        if (head.next_seq != seq) {
          head = {.next_seq = seq, .last_lsn = group.lsn};
        }
      }
      durable_.store(group.lsn, std::memory_order_release);
    }
    indexer_.push(
        {.lsn = group.lsn, .payload = std::move(group.payload), .records = group.records});
    recent_.trim(indexer_.applied_lsn());
  }
  {
    MutexLock lock(mutex_);
    ++stats_.groups;
    stats_.requests += group.counts.requests;
    if (outcome) {
      stats_.events += group.counts.events;
      stats_.duplicates += group.counts.duplicates;
      stats_.conflicts += group.counts.conflicts;
    }
  }
  for (auto& completion : group.completions) {
    completion(outcome);
  }
}

}  // namespace piperoll::ingest
