#pragma once
// WitnessClient: asks witnesses (c2sp.org/tlog-witness) to cosign what the publisher signs, and
// hands on what they answer. A thread for each witness, so that none waits for another; nothing
// that is written or signed waits for any of them. Everything public is thread-safe.
//
// Witnesses are asked in rounds, one checkpoint of a log at a time, because a quorum counts on one
// checkpoint alone: with each witness on a newer one than the last, a busy log would never reach
// it. A round is over once a quorum cosigned, or every witness has answered or is known to fail;
// the next takes the newest checkpoint. So at most two checkpoints of a log are held, whatever the
// pace.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "ingest/ingest_limits.h"
#include "ingest/publisher.h"
#include "store/event_store.h"
#include "tlog/policy.h"
#include "tlog/witness_request.h"

namespace piperoll::ingest {

struct WitnessAnswer {
  int status = 0;
  std::string content_type, body;
};

// The way to one witness. One thread at a time, but for stop().
class WitnessLine {
 public:
  virtual ~WitnessLine() = default;
  // Unavailable where there is no answer in time.
  virtual base::Result<WitnessAnswer> add_checkpoint(const std::string& body) = 0;
  virtual void stop() = 0;  // ends the call under way and every later one; any thread
};

struct WitnessStats {
  std::uint64_t cosignatures = 0;  // taken
  std::uint64_t failures = 0;      // no answer, or one that is no cosignature
  bool failing = false;            // the last answer was a failure
};

struct WitnessClientOptions {
  tlog::Policy policy;
  std::vector<std::unique_ptr<WitnessLine>> lines;  // one for each witness, in the policy's order
  std::int64_t round_micros = kWitnessRoundMicros;
  std::int64_t retry_micros = kWitnessRetryMicros;  // doubles with each failure
  std::int64_t retry_micros_max = kWitnessRetryMicrosMax;
};

class WitnessClient {
 public:
  // A checkpoint with one more cosignature.
  using Cosigned = std::function<void(const event::LogId&, PublishedPointer)>;

  // The store outlives the client. cosigned is called on the client's threads.
  WitnessClient(store::EventStore& store, WitnessClientOptions options, Cosigned cosigned);
  ~WitnessClient();  // stop()s
  WitnessClient(const WitnessClient&) = delete;
  WitnessClient& operator=(const WitnessClient&) = delete;

  // The log was signed at this size. Cheap.
  void submit(const event::LogId& log, PublishedPointer signed_now);

  std::vector<WitnessStats> stats() const;  // in the policy's order
  const tlog::Policy& policy() const { return options_.policy; }
  // Logs whose newest signed checkpoint no quorum has cosigned, or with "none" not all witnesses.
  std::size_t waiting_logs() const;

  // Ends calls under way and the threads. Idempotent.
  void stop();

 private:
  // What one witness has to do with one log.
  struct Peer {
    std::uint64_t known = 0;  // the size that the witness has, as far as we know
    int failures = 0;         // since its last cosignature for this log
    bool queued = false;      // in the agenda
    bool asking = false;
    bool cosigned = false;  // the round's checkpoint
  };
  struct Round {
    PublishedPointer newest;      // signed
    PublishedPointer checkpoint;  // that is asked for; with the cosignatures so far
    std::vector<Peer> peers;
    std::vector<std::string> lines;  // cosignatures of checkpoint, by witness
    bool started = false;            // somebody was asked: checkpoint stays
    bool reached = false;            // a quorum cosigned it
    std::int64_t begun_micros = 0;
  };
  struct Witness {
    std::multimap<std::int64_t, event::LogId> agenda;  // by when it is due
    std::int64_t not_before = 0;                       // while it does not answer
    int failures = 0;                                  // in a row, without an answer
    WitnessStats stats;
  };
  struct Task {
    event::LogId log;
    PublishedPointer checkpoint;
    std::uint64_t known = 0;
  };
  struct Answer;

  void run(std::size_t witness);
  std::optional<Task> take(std::size_t witness) EXCLUDES_LOCK(mutex_);
  Answer ask(std::size_t witness, const Task& task);
  Answer read(std::size_t witness, const Task& task, const WitnessAnswer& answer) const;
  base::Result<std::string> request(const Task& task) const;
  void finish(std::size_t witness, const Task& task, const Answer& answer) EXCLUDES_LOCK(mutex_);
  void note_failure(std::size_t witness, const Task& task, const Answer& answer, Peer& peer)
      REQUIRES_LOCK(mutex_);
  PublishedPointer with_lines(const Round& round) const REQUIRES_LOCK(mutex_);
  bool is_over(const Round& round) const REQUIRES_LOCK(mutex_);
  void advance(const event::LogId& log, Round& round) REQUIRES_LOCK(mutex_);
  void enqueue(const event::LogId& log, Round& round, std::size_t witness, std::int64_t due)
      REQUIRES_LOCK(mutex_);
  std::int64_t backoff(int failures) const;

  store::EventStore& store_;
  WitnessClientOptions options_;
  const Cosigned cosigned_;
  base::SystemClock clock_;

  mutable base::Mutex mutex_;
  base::CondVar woken_;
  std::map<event::LogId, Round> rounds_ GUARDED_BY(mutex_);
  std::vector<Witness> witnesses_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace piperoll::ingest
