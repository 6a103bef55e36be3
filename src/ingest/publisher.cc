#include "ingest/publisher.h"

#include <chrono>

#include <pthread.h>

#include "base/diagnostics.h"
#include "evidence/origin.h"
#include "tlog/checkpoint.h"

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

// Two threads may sign one log at the same time; the larger tree stays. Whatever is signed is true
// of the log: trees only grow.
Result<PublishedPointer> Publisher::sign_now(const event::LogId& log) {
  const store::TreeHead head = store_.tree(log);
  {
    MutexLock lock(mutex_);
    const auto known = published_.find(log);
    if (known != published_.end() && known->second->size == head.size) {
      return known->second;
    }
  }
  auto signed_now = std::make_shared<const Published>(
      Published{.size = head.size,
                .root = head.root,
                .note = tlog::sign_checkpoint(
                    {.origin = origin(log), .size = head.size, .root = head.root, .extensions = {}},
                    signer(log))});
  RETURN_IF_ERROR(store_.keep_checkpoint(log, signed_now->note));
  MutexLock lock(mutex_);
  PublishedPointer& newest = published_[log];
  if (newest == nullptr || newest->size < signed_now->size) {
    newest = signed_now;
    published_some_.notify_all();
  }
  return PublishedPointer(signed_now);
}

Result<PublishedPointer> Publisher::newest(const event::LogId& log) {
  {
    MutexLock lock(mutex_);
    const auto known = published_.find(log);
    if (known != published_.end()) {
      return known->second;
    }
  }
  return sign_now(log);
}

Result<PublishedPointer> Publisher::covering(const event::LogId& log, std::uint64_t size,
                                             std::int64_t timeout_micros) {
  if (store_.tree(log).size >= size) {
    ASSIGN_OR_RETURN(PublishedPointer published, newest(log));
    return published->size >= size ? Result<PublishedPointer>(published) : sign_now(log);
  }
  const std::int64_t deadline = clock_.monotonic_micros() + timeout_micros;
  MutexLock lock(mutex_);
  ++waiting_;
  woken_.notify_one();
  Result<PublishedPointer> result =
      base::Error{.kind = base::ErrorKind::ResourceExhausted,
                  .message = "no checkpoint covers the event yet; try again",
                  .code = "timeout"};
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
