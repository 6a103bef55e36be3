#pragma once
// Committer: the one writer. It orders everything that becomes durable: whatever arrived during the
// last sync is the next group; each event gets its seq and recorded_at; one frame, one sync; then
// the callers are woken and the frame goes to the indexer.
//
// After a failed write or sync nothing is accepted until the process starts again. One thread of
// its own; everything public is thread-safe. Completions run on the committer's thread: they must
// be short and must not call back into it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "event/record.h"
#include "ingest/indexer.h"
#include "ingest/ingest_limits.h"
#include "ingest/known_id.h"
#include "ingest/recent_ids.h"
#include "ingest/seed_keys.h"
#include "journal/journal.h"
#include "registry/registry.h"
#include "store/event_store.h"

namespace piperoll::ingest {

// One event of a request. Its bytes are [offset, offset + length) of the request's arena.
struct EventWrite {
  std::size_t offset = 0, length = 0;  // encode_event; its id is empty where the server makes one
  std::string id = {};                 // chosen by the caller, or empty
  std::string digest = {};             // content_digest, if id is set
  std::optional<KnownId> known = std::nullopt;  // the caller found the id in the store already
};

struct Placed {
  enum class Kind : std::uint8_t {
    Stored,
    Duplicate,  // the same id and content, stored before as seq
    Conflict,   // the same id, other content
    Aborted     // a conflict elsewhere in an atomic request
  };
  Kind kind = Kind::Stored;
  std::uint64_t seq = 0;
  base::Timestamp recorded_at = {};  // Stored only
  base::Uuid made_id = {};           // Stored: id made here, else nil
  event::SeedSource seed;            // Stored
};

struct AppendRequest {
  event::LogId log;
  base::Bytes arena;
  std::vector<EventWrite> events;
  bool atomic = true;  // any conflict: nothing is stored
  // The store was asked about the ids when this lsn was applied.
  store::Lsn probed = 0;
  // Access records need not hurry: they wait a little for a sync to share.
  bool hurry = true;
  // Of one of events; valid while arena is.
  base::ByteView encoded(const EventWrite& event) const {
    return base::ByteView(arena).substr(event.offset, event.length);
  }
  // Unavailable "journal_failed", "no_space", "clock_jump", "shutting_down"; Forbidden
  // "org_disabled"; NotFound "org_not_found".
  std::function<void(base::Result<std::vector<Placed>>)> done;
};

struct ControlRequest {
  registry::Control control;
  std::function<void(base::Result<registry::Control>)> done;  // as it was prepared and stored
};

struct CommitterOptions {
  std::size_t queue_bytes_max = kQueueBytesMax;
  std::size_t access_queue_bytes_max = kAccessQueueBytesMax;
  std::int64_t access_delay_micros = kAccessDelayMicros;
  base::Result<void> refusal = {};  // why nothing is written, from the start on
};

struct CommitterStats {
  std::uint64_t groups = 0, requests = 0, events = 0, duplicates = 0, conflicts = 0;
  std::uint64_t queue_bytes = 0;
};

class Committer {
 public:
  // All references outlive the committer. store holds everything up to journal.last_lsn()
  // (replayed) and registry all its control records.
  Committer(journal::Journal& journal, store::EventStore& store, registry::Registry& registry,
            Indexer& indexer, const store::IdCipher& ids, const base::Clock& clock,
            const CommitterOptions& options = {});
  ~Committer();  // stop()s
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // Takes the request and returns at once; done is called exactly once if and only if this
  // succeeds. ResourceExhausted (code "busy") when the queue is full; Unavailable when stopped or
  // failed.
  base::Result<void> append(AppendRequest request);
  base::Result<void> submit(ControlRequest request);

  // The newest durable lsn that touched this log; a read that waits for it to be applied sees
  // everything that was acknowledged before.
  store::Lsn durable_lsn(const event::LogId& log) const;
  store::Lsn durable_lsn() const { return durable_.load(std::memory_order_acquire); }
  // Whether an append could be made durable now, or why not.
  base::Result<void> writable() const;
  CommitterStats stats() const;

  // Commits what is queued, refuses the rest, ends the thread. Idempotent.
  void stop();

 private:
  struct Log {  // head of one log
    std::uint64_t next_seq = 0;
    store::Lsn last_lsn = 0;
  };
  using Request = std::variant<AppendRequest, ControlRequest>;
  struct Group;

  void run();
  bool wait_for_requests(std::vector<Request>& out);
  void commit(std::vector<Request>& requests);
  void place(AppendRequest& request, Group& group);
  void place(ControlRequest& request, Group& group);
  void finish(Group& group, base::Result<store::Lsn> written);
  base::Result<void> check_org(const event::LogId& log) const;
  Placed::Kind check_id(const AppendRequest& request, const EventWrite& event,
                        std::uint64_t& seq) const;
  Placed store_event(const AppendRequest& request, std::size_t index, Group& group);
  base::Result<void> look_again(AppendRequest& request) const;
  base::Uuid made_id(const AppendRequest& request, std::size_t index,
                     const event::RecordHead& head);
  std::uint64_t next_seq(const event::LogId& log, Group& group);
  base::Result<void> check_clock();
  base::Result<void> enqueue(Request request, std::size_t bytes, bool hurry);
  base::Result<bool> put_in_queue(Request&& request, std::size_t bytes, bool hurry);

  journal::Journal& journal_;
  store::EventStore& store_;
  registry::Registry& registry_;
  Indexer& indexer_;
  const store::IdCipher& ids_;
  const base::Clock& clock_;
  const CommitterOptions options_;

  mutable base::Mutex mutex_;
  base::CondVar arrived_;
  std::vector<Request> queue_ GUARDED_BY(mutex_);
  std::size_t queue_bytes_ GUARDED_BY(mutex_) = 0;
  std::size_t access_bytes_ GUARDED_BY(mutex_) = 0;
  bool hurry_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  CommitterStats stats_ GUARDED_BY(mutex_);
  base::Result<void> refusal_ GUARDED_BY(mutex_);  // why writes are refused for good

  mutable base::Mutex logs_mutex_;
  std::unordered_map<event::LogId, Log, event::LogIdHash> logs_ GUARDED_BY(logs_mutex_);
  std::atomic<store::Lsn> durable_;

  // Committer thread only.
  RecentIds recent_;
  std::vector<base::Uuid> made_ids_;  // of made_log_ at made_at_, for seqs from made_from_ on
  event::LogId made_log_;
  base::Timestamp made_at_;
  std::uint64_t made_from_ = 0;
  SeedKeys seed_keys_;
  base::Timestamp last_recorded_;
  std::int64_t last_wall_micros_, last_monotonic_micros_;
  std::thread thread_;
};

}  // namespace piperoll::ingest
