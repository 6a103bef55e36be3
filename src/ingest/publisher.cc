#include "ingest/publisher.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/diagnostics.h"
#include "base/thread.h"
#include "evidence/origin.h"
#include "tlog/checkpoint.h"
#include "tlog/policy.h"

namespace piperoll::ingest {

using base::MutexLock;
using base::Result;
using std::chrono::microseconds;

namespace {

// What is worth more: more leaves, then more cosignatures, each of which is a line of the note.
std::pair<std::uint64_t, std::size_t> place(const Published& one) {
  return {one.size, one.note.size()};
}

}  // namespace

Publisher::Publisher(store::EventStore& store, const crypto::Ed25519PrivateKey& key,
                     PublisherOptions options)
    : store_(store), key_(key), options_(std::move(options)) {
  thread_ = std::thread([this] {
    base::name_this_thread("publisher");
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

// The newest, and whether it was signed just now. Two threads may sign one log at the same time;
// the larger tree stays. Whatever is signed is true of the log: trees only grow.
Result<std::pair<PublishedPointer, bool>> Publisher::sign(const event::LogId& log) {
  const store::TreeHead head = store_.tree(log);
  {
    MutexLock lock(mutex_);
    const auto known = signed_.find(log);
    if (known != signed_.end() && known->second->size == head.size) {
      return std::pair(known->second, false);
    }
  }
  RETURN_IF_ERROR(recall(log));
  if (PublishedPointer known = needs_quorum(log) ? published(log) : nullptr;
      known != nullptr && known->size == head.size) {
    MutexLock lock(mutex_);  // a quorum cosigned it already
    return std::pair(signed_.try_emplace(log, known).first->second, false);
  }
  auto signed_now = std::make_shared<const Published>(
      Published{.size = head.size,
                .root = head.root,
                .note = tlog::sign_checkpoint(
                    {.origin = origin(log), .size = head.size, .root = head.root, .extensions = {}},
                    signer(log))});
  return std::pair(PublishedPointer(std::move(signed_now)), true);
}

// Before anybody sees them. Of an empty log there is nothing to lose. What needs a quorum counts
// for nobody yet, and takes the place of none that counts.
Result<void> Publisher::keep(std::span<const SignedLog> signed_now) {
  if (options_.keep) {
    std::vector<SignedLog> not_empty;
    std::copy_if(signed_now.begin(), signed_now.end(), std::back_inserter(not_empty),
                 [](const SignedLog& each) { return each.second->size > 0; });
    if (!not_empty.empty()) {
      RETURN_IF_ERROR(options_.keep(not_empty));
    }
  }
  for (const auto& [log, published] : signed_now) {
    if (!needs_quorum(log)) {
      RETURN_IF_ERROR(keep_to_recall(log, *published));
    }
  }
  return {};
}

// For the next process. Never less than what is shown, whichever thread comes last: the one that
// showed it keeps it.
Result<void> Publisher::keep_to_recall(const event::LogId& log, const Published& counts) {
  MutexLock keeping(keeping_);
  const PublishedPointer shown = published(log);
  return shown != nullptr && place(*shown) > place(counts)
             ? Result<void>()
             : store_.keep_checkpoint(log, counts.note);
}

void Publisher::show(const SignedLog& signed_now) {
  const auto& [log, published] = signed_now;
  {
    MutexLock lock(mutex_);
    PublishedPointer& newest = signed_[log];
    if (newest == nullptr || newest->size < published->size) {
      newest = published;
    }
    if (!needs_quorum(log)) {
      PublishedPointer& shown = published_[log];
      if (shown == nullptr || shown->size < published->size) {
        shown = published;
        published_some_.notify_all();
      }
    }
  }
  if (options_.submit && is_witnessed(log)) {
    options_.submit(log, published);
  }
}

Result<PublishedPointer> Publisher::sign_now(const event::LogId& log) {
  ASSIGN_OR_RETURN(auto result, sign(log));
  if (result.second) {
    const SignedLog signed_now(log, result.first);
    RETURN_IF_ERROR(keep({&signed_now, 1}));
    show(signed_now);
  }
  return std::move(result.first);
}

void Publisher::cosigned(const event::LogId& log, const PublishedPointer& published) {
  {
    MutexLock lock(mutex_);
    PublishedPointer& shown = published_[log];
    // Two witnesses' threads may come in either order.
    if (shown != nullptr && place(*shown) > place(*published)) {
      return;
    }
    shown = published;
    published_some_.notify_all();
  }
  if (auto kept = keep_to_recall(log, *published); !kept) {
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

// Kept together, since each keeping waits for the disk; not all of very many, which would keep the
// first waiting for the last.
void Publisher::publish(const Logs& logs) {
  constexpr std::size_t kTogether = 1'024;
  std::vector<SignedLog> signed_now;
  for (const event::LogId& log : logs) {
    auto result = sign(log);
    if (!result) {
      base::error("a checkpoint could not be signed",
                  {{"log", origin(log)}, {"reason", result.error().message}});
    } else if (result->second) {
      signed_now.emplace_back(log, std::move(result->first));
    }
    if (signed_now.size() == kTogether) {
      publish(signed_now);
    }
  }
  publish(signed_now);
}

// What cannot be kept is tried again with the next change, or with whoever asks.
void Publisher::publish(std::vector<SignedLog>& signed_now) {
  if (auto kept = keep(signed_now); !kept) {
    base::error("checkpoints could not be published",
                {{"logs", std::to_string(signed_now.size())}, {"reason", kept.error().message}});
  } else {
    for (const SignedLog& each : signed_now) {
      show(each);
    }
  }
  signed_now.clear();
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
