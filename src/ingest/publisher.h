#pragma once
// Publisher: signs checkpoints of the logs that changed, soon after they changed. One thread of its
// own; everything public is thread-safe.
//
// Where a policy asks for a quorum of witnesses, what is signed is not yet shown: newest() and
// covering() give checkpoints that came back through cosigned(), the newest that counts.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "crypto/ed25519.h"
#include "ingest/ingest_limits.h"
#include "store/event_store.h"
#include "tlog/note.h"
#include "tlog/policy.h"

namespace piperoll::ingest {

// A checkpoint as it was signed.
struct Published {
  std::uint64_t size = 0;
  tlog::Hash root{};
  std::string note;  // tlog/checkpoint.h
};
using PublishedPointer = std::shared_ptr<const Published>;

struct PublisherOptions {
  std::string server_name;  // first part of every origin (evidence/origin.h)
  // What older checkpoints were signed with, newest first; key's own too.
  std::vector<crypto::Ed25519PublicKey> known_keys = {};
  // A log that keeps changing is signed this often.
  std::int64_t interval_micros = kPublishIntervalMicros;
  // Who must cosign a checkpoint before it is shown; nothing: nobody is asked.
  std::optional<tlog::Policy> policy = std::nullopt;
  // The logs that this is about; none: all of them.
  std::vector<event::LogId> witnessed = {};
  // Called after each signing of such a log, on any thread; null where nobody is asked. It must not
  // wait.
  std::function<void(const event::LogId&, PublishedPointer)> submit = nullptr;
  std::int64_t quorum_wait_micros = kQuorumWaitMicros;
  // Called with what was signed before it is shown or submitted, on any thread; when it fails, it
  // is not. Null: nothing is kept but in the store.
  std::function<base::Result<void>(
      std::span<const std::pair<event::LogId, PublishedPointer>> signed_now)>
      keep = nullptr;
};

class Publisher {
 public:
  // store and key outlive the publisher.
  Publisher(store::EventStore& store, const crypto::Ed25519PrivateKey& key,
            PublisherOptions options);
  ~Publisher();  // stop()s
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // These logs have grown. Cheap.
  void changed(std::span<const event::LogId> logs);

  // The newest checkpoint; of a log that none was signed for since the start, one is signed now, of
  // an empty log too. Unavailable (code "not_witnessed") where no quorum has cosigned one yet.
  base::Result<PublishedPointer> newest(const event::LogId& log);
  // The newest, once it covers so many leaves, which must be applied or soon will be.
  // ResourceExhausted (code "timeout") after timeout_micros.
  base::Result<PublishedPointer> covering(const event::LogId& log, std::uint64_t size,
                                          std::int64_t timeout_micros);
  // One for the log as it is applied now, whether or not anybody cosigned it.
  base::Result<PublishedPointer> sign_now(const event::LogId& log);

  // A checkpoint that was signed here has been cosigned, by a quorum where one is asked for; with
  // the cosignatures so far. One with fewer that comes late changes nothing.
  void cosigned(const event::LogId& log, const PublishedPointer& published);

  const std::string& server_name() const { return options_.server_name; }
  std::string origin(const event::LogId& log) const;
  // What checkpoints of the log are verified with, newest first.
  std::vector<tlog::VerifierKey> verifier_keys(const event::LogId& log) const;
  tlog::NoteSigner signer(const event::LogId& log) const;

  // Signs what changed, ends the thread. Idempotent.
  void stop();

 private:
  using Logs = std::unordered_set<event::LogId, event::LogIdHash>;

  void run();
  Logs take_changed() EXCLUDES_LOCK(mutex_);
  using SignedLog = std::pair<event::LogId, PublishedPointer>;
  void publish(const Logs& logs);
  void publish(std::vector<SignedLog>& signed_now);
  base::Result<std::pair<PublishedPointer, bool>> sign(const event::LogId& log)
      EXCLUDES_LOCK(mutex_);
  base::Result<void> keep(std::span<const SignedLog> signed_now) EXCLUDES_LOCK(mutex_);
  base::Result<void> keep_to_recall(const event::LogId& log, const Published& counts)
      EXCLUDES_LOCK(mutex_);
  void show(const SignedLog& signed_now) EXCLUDES_LOCK(mutex_);
  bool is_witnessed(const event::LogId& log) const;
  bool needs_quorum(const event::LogId& log) const;
  PublishedPointer published(const event::LogId& log) const EXCLUDES_LOCK(mutex_);
  base::Result<void> recall(const event::LogId& log) EXCLUDES_LOCK(mutex_);
  base::Result<PublishedPointer> await(const event::LogId& log, std::uint64_t size,
                                       std::int64_t timeout_micros, base::Error too_late)
      EXCLUDES_LOCK(mutex_);

  store::EventStore& store_;
  const crypto::Ed25519PrivateKey& key_;
  const PublisherOptions options_;
  base::SystemClock clock_;

  base::Mutex keeping_;  // one at a time keeps what the next process recalls; before mutex_
  mutable base::Mutex mutex_;
  base::CondVar woken_, published_some_;
  Logs changed_ GUARDED_BY(mutex_);
  using Newest = std::unordered_map<event::LogId, PublishedPointer, event::LogIdHash>;
  Newest signed_ GUARDED_BY(mutex_);     // by us
  Newest published_ GUARDED_BY(mutex_);  // what is shown: the same, or what a quorum cosigned
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;  // in covering()
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace piperoll::ingest
