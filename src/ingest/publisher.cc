#include "ingest/publisher.h"

#include <algorithm>
#include <chrono>

#include <pthread.h>

#include "base/diagnostics.h"
#include "evidence/origin.h"
#include "tlog/checkpoint.h"
#include "tlog/policy.h"

namespace piperoll::ingest {

using base::MutexLock;
using base::Result;
using std::chrono::microseconds;

Publisher::Publisher(store::EventStore& store, const crypto::Ed25519PrivateKey& key,
                     PublisherOptions options)
    : store_(store), key_(key), options_(std::move(options)) {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "publisher");
    run();
  });
}

Publisher::~Publisher() {
  stop();
}

std::string Publisher::origin(const event::LogId& log) const {
  return evidence::origin_of(options_.server_name, log);
}

std::vector<tlog::VerifierKey> Publisher::verifier_keys(const event::LogId& log) const {
  return tlog::verifier_keys(origin(log), options_.known_keys);
}

tlog::NoteSigner Publisher::signer(const event::LogId& log) const {
  // Neither can fail: the seed is that of a key, and origins are key names.
  return tlog::NoteSigner::make(origin(log),
                                crypto::Ed25519PrivateKey::from_seed(key_.seed()).value())
      .value();
}

void Publisher::changed(std::span<const event::LogId> logs) {
  MutexLock lock(mutex_);
  changed_.insert(logs.begin(), logs.end());
  woken_.notify_one();
}

bool Publisher::is_witnessed(const event::LogId& log) const {
  const auto& only = options_.witnessed;
  return options_.policy &&
         (only.empty() || std::find(only.begin(), only.end(), log) != only.end());
}

bool Publisher::needs_quorum(const event::LogId& log) const {
  return is_witnessed(log) && options_.policy->quorum != tlog::kNoQuorum;
}

PublishedPointer Publisher::published(const event::LogId& log) const {
  MutexLock lock(mutex_);
  const auto known = published_.find(log);
  return known == published_.end() ? nullptr : known->second;
}

// What the process before this one left, where it still counts: with witnesses a checkpoint is
// worth more than a new one would be.
Result<void> Publisher::recall(const event::LogId& log) {
  if (!is_witnessed(log)) {
    return {};
  }
  {
    MutexLock lock(mutex_);
    if (signed_.contains(log) || published_.contains(log)) {
      return {};
    }
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> kept, store_.kept_checkpoint(log));
  if (!kept) {
    return {};
  }
  const std::vector<tlog::VerifierKey> keys = verifier_keys(log);
  const auto opened = tlog::open_checkpoint(*kept, keys, *options_.policy);
  if (!opened || opened->checkpoint.size > store_.tree(log).size) {
    return {};
  }
  const tlog::Checkpoint& checkpoint = opened->checkpoint;
  auto recalled = std::make_shared<const Published>(
      Published{.size = checkpoint.size, .root = checkpoint.root, .note = *kept});
  MutexLock lock(mutex_);
  published_.emplace(log, std::move(recalled));
  return {};
}

// Two threads may sign one log at the same time; the larger tree stays. Whatever is signed is true
// of the log: trees only grow.
Result<PublishedPointer> Publisher::sign_now(const event::LogId& log) {
  const store::TreeHead head = store_.tree(log);
  {
    MutexLock lock(mutex_);
    const auto known = signed_.find(log);
    if (known != signed_.end() && known->second->size == head.size) {
      return known->second;
    }
  }
  RETURN_IF_ERROR(recall(log));
  if (PublishedPointer known = needs_quorum(log) ? published(log) : nullptr;
      known != nullptr && known->size == head.size) {
    MutexLock lock(mutex_);
    return signed_.try_emplace(log, known).first->second;  // a quorum cosigned it already
  }
  auto signed_now = std::make_shared<const Published>(
      Published{.size = head.size,
                .root = head.root,
                .note = tlog::sign_checkpoint(
                    {.origin = origin(log), .size = head.size, .root = head.root, .extensions = {}},
                    signer(log))});
  RETURN_IF_ERROR(store_.keep_checkpoint(log, signed_now->note));
  {
    MutexLock lock(mutex_);
    PublishedPointer& newest = signed_[log];
    if (newest == nullptr || newest->size < signed_now->size) {
      newest = signed_now;
    }
    if (!needs_quorum(log)) {
      PublishedPointer& shown = published_[log];
      if (shown == nullptr || shown->size < signed_now->size) {
        shown = signed_now;
        published_some_.notify_all();
      }
    }
  }
  if (options_.submit && is_witnessed(log)) {
    options_.submit(log, signed_now);
  }
  return PublishedPointer(signed_now);
}

void Publisher::cosigned(const event::LogId& log, const PublishedPointer& published) {
  bool is_newest = false;
  {
    MutexLock lock(mutex_);
    PublishedPointer& shown = published_[log];
    if (shown != nullptr && shown->size > published->size) {
      return;
    }
    shown = published;
    const auto known = signed_.find(log);
    is_newest = known == signed_.end() || known->second->size <= published->size;
    published_some_.notify_all();
  }
  if (!is_newest) {
    return;
  }
  // For the next process. A newer one that is kept meanwhile and then replaced by this is no harm:
  // either is a checkpoint of this log.
  if (auto kept = store_.keep_checkpoint(log, published->note); !kept) {
    base::warning("a cosigned checkpoint could not be kept",
                  {{"log", origin(log)}, {"reason", kept.error().message}});
  }
}

Result<PublishedPointer> Publisher::newest(const event::LogId& log) {
  if (PublishedPointer known = published(log)) {
    return known;
  }
  ASSIGN_OR_RETURN(PublishedPointer signed_now, sign_now(log));
  if (!needs_quorum(log)) {
    return signed_now;
  }
  return await(log, 0, options_.quorum_wait_micros,
               {.kind = base::ErrorKind::Unavailable,
                .message = "no quorum of witnesses has cosigned a checkpoint of the log yet",
                .code = "not_witnessed"});
}

Result<PublishedPointer> Publisher::covering(const event::LogId& log, std::uint64_t size,
                                             std::int64_t timeout_micros) {
  if (store_.tree(log).size >= size) {
    RETURN_IF_ERROR(recall(log));
    if (PublishedPointer known = published(log); known != nullptr && known->size >= size) {
      return known;
    }
    ASSIGN_OR_RETURN(PublishedPointer signed_now, sign_now(log));
    if (!needs_quorum(log)) {
      return signed_now;
    }
  }
  return await(log, size, timeout_micros,
               {.kind = base::ErrorKind::ResourceExhausted,
                .message = "no checkpoint covers the event yet; try again",
                .code = "timeout"});
}

// The newest that is shown, once there is one of so many leaves.
Result<PublishedPointer> Publisher::await(const event::LogId& log, std::uint64_t size,
                                          std::int64_t timeout_micros, base::Error too_late) {
  const std::int64_t deadline = clock_.monotonic_micros() + timeout_micros;
  MutexLock lock(mutex_);
  ++waiting_;
  woken_.notify_one();
  Result<PublishedPointer> result = std::move(too_late);
  for (;;) {
    const auto known = published_.find(log);
    if (known != published_.end() && known->second->size >= size) {
      result = known->second;
      break;
    }
    const std::int64_t left = deadline - clock_.monotonic_micros();
    if (left <= 0 || stopping_) {
      break;
    }
    published_some_.wait_for(mutex_, microseconds(left));
  }
  --waiting_;
  return result;
}

Publisher::Logs Publisher::take_changed() {
  MutexLock lock(mutex_);
  while (changed_.empty() && !stopping_) {
    woken_.wait(mutex_);
  }
  Logs taken;
  taken.swap(changed_);
  return taken;
}

void Publisher::publish(const Logs& logs) {
  for (const event::LogId& log : logs) {
    if (auto done = sign_now(log); !done) {
      base::error("a checkpoint could not be published",
                  {{"log", origin(log)}, {"reason", done.error().message}});
    }
  }
}

void Publisher::run() {
  for (;;) {
    const Logs logs = take_changed();
    if (logs.empty()) {
      return;  // stopping
    }
    const std::int64_t next = clock_.monotonic_micros() + options_.interval_micros;
    publish(logs);
    MutexLock lock(mutex_);
    while (!stopping_ && waiting_ == 0) {
      const std::int64_t left = next - clock_.monotonic_micros();
      if (left <= 0) {
        break;
      }
      woken_.wait_for(mutex_, microseconds(left));
    }
  }
}

void Publisher::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    woken_.notify_one();
    published_some_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

}  // namespace piperoll::ingest
