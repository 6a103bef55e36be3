#include "ingest/witness_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/diagnostics.h"
#include "base/thread.h"
#include "store/tree_tiles.h"
#include "tlog/proof.h"

namespace piperoll::ingest {

using base::MutexLock;
using base::Result;
using std::chrono::microseconds;

struct WitnessClient::Answer {
  enum class Kind : std::uint8_t {
    Cosigned,
    Unreachable,  // the witness as a whole
    Refused,      // this checkpoint, or this log
    Alarming      // the witness has seen another log under our origin
  };
  Kind kind = Kind::Refused;
  std::uint64_t known = 0;  // the size that the witness has
  std::string line;         // the cosignature
  std::string reason;
};

WitnessClient::WitnessClient(store::EventStore& store, WitnessClientOptions options,
                             Cosigned cosigned)
    : store_(store), options_(std::move(options)), cosigned_(std::move(cosigned)) {
  CHECK(options_.lines.size() == options_.policy.witnesses.size());
  witnesses_.resize(options_.lines.size());
  for (std::size_t i = 0; i < options_.lines.size(); ++i) {
    threads_.emplace_back([this, i] {
      base::name_this_thread("witness");
      run(i);
    });
  }
}

WitnessClient::~WitnessClient() {
  stop();
}

void WitnessClient::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    woken_.notify_all();
  }
  for (const auto& line : options_.lines) {
    line->stop();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

void WitnessClient::submit(const event::LogId& log, PublishedPointer signed_now) {
  MutexLock lock(mutex_);
  const auto [at, is_new] = rounds_.try_emplace(log);
  Round& round = at->second;
  if (is_new) {
    round.peers.resize(witnesses_.size());
    round.lines.resize(witnesses_.size());
  }
  if (round.newest != nullptr && round.newest->size >= signed_now->size) {
    return;
  }
  round.newest = std::move(signed_now);
  advance(log, round);
}

std::vector<WitnessStats> WitnessClient::stats() const {
  MutexLock lock(mutex_);
  std::vector<WitnessStats> all;
  for (const Witness& witness : witnesses_) {
    all.push_back(witness.stats);
  }
  return all;
}

std::size_t WitnessClient::waiting_logs() const {
  MutexLock lock(mutex_);
  const bool any_will_do = options_.policy.quorum != tlog::kNoQuorum;
  return static_cast<std::size_t>(
      std::count_if(rounds_.begin(), rounds_.end(), [&](const auto& entry) {
        const Round& round = entry.second;
        const bool all = std::all_of(round.peers.begin(), round.peers.end(),
                                     [](const Peer& peer) { return peer.cosigned; });
        return round.checkpoint != round.newest || (any_will_do ? !round.reached : !all);
      }));
}

void WitnessClient::run(std::size_t witness) {
  while (const std::optional<Task> task = take(witness)) {
    finish(witness, *task, ask(witness, *task));
  }
}

// Waits for something to ask. Nothing: the client stops.
std::optional<WitnessClient::Task> WitnessClient::take(std::size_t index) {
  MutexLock lock(mutex_);
  for (;;) {
    if (stopping_) {
      return std::nullopt;
    }
    Witness& witness = witnesses_[index];
    const auto next = witness.agenda.begin();
    if (next == witness.agenda.end()) {
      woken_.wait(mutex_);
      continue;
    }
    const std::int64_t now = clock_.monotonic_micros();
    const std::int64_t due = std::max(next->first, witness.not_before);
    if (due > now) {
      woken_.wait_for(mutex_, microseconds(due - now));
      continue;
    }
    const event::LogId log = next->second;
    witness.agenda.erase(next);
    Round& round = rounds_.at(log);
    if (!round.started) {
      round.started = true;
      round.checkpoint = round.newest;
      round.begun_micros = now;
    }
    Peer& peer = round.peers[index];
    peer.queued = false;
    peer.asking = true;
    return Task{.log = log, .checkpoint = round.checkpoint, .known = peer.known};
  }
}

Result<std::string> WitnessClient::request(const Task& task) const {
  tlog::WitnessRequest request{
      .old_size = task.known, .consistency = {}, .note = task.checkpoint->note};
  store::TreeTiles tiles(store_, task.log);
  tlog::TiledHashReader reader(task.checkpoint->size, tiles);
  ASSIGN_OR_RETURN(request.consistency,
                   tlog::prove_consistency(task.known, task.checkpoint->size, reader));
  return tlog::print_witness_request(request);
}

// A witness says in a 409 which size it has; from there the proof is made anew.
WitnessClient::Answer WitnessClient::ask(std::size_t witness, const Task& task) {
  Task now = task;
  Answer answer;
  for (int tries = 0; tries < kWitnessTriesMax; ++tries) {
    auto body = request(now);
    if (!body) {
      return {.known = now.known, .line = {}, .reason = body.error().message};
    }
    auto answered = options_.lines[witness]->add_checkpoint(*body);
    if (!answered) {
      return {.kind = Answer::Kind::Unreachable,
              .known = now.known,
              .line = {},
              .reason = answered.error().message};
    }
    answer = read(witness, now, *answered);
    if (answered->status != 409 || answer.kind == Answer::Kind::Alarming ||
        answer.known > now.checkpoint->size || answer.known == now.known) {
      return answer;
    }
    now.known = answer.known;
  }
  return answer;
}

WitnessClient::Answer WitnessClient::read(std::size_t witness, const Task& task,
                                          const WitnessAnswer& answered) const {
  Answer answer{
      .known = task.known, .line = {}, .reason = "it answered " + std::to_string(answered.status)};
  if (answered.status == 409) {
    const auto size = tlog::parse_size_line(answered.body);
    if (!size) {
      answer.kind = Answer::Kind::Alarming;
      answer.reason += " without a size";
      return answer;
    }
    answer.known = *size;
    answer.reason += ": it has " + std::to_string(*size) + " leaves";
    if (*size > store_.tree(task.log).size) {
      answer.kind = Answer::Kind::Alarming;
      answer.reason += ", more than the log: was an old state restored?";
    }
    return answer;
  }
  if (answered.status == 422) {
    answer.kind = Answer::Kind::Alarming;
    answer.reason += ": the log is not the one that it knows";
    return answer;
  }
  if (answered.status == 429 || answered.status >= 500) {
    answer.kind = Answer::Kind::Unreachable;
    return answer;
  }
  if (answered.status != 200) {
    return answer;
  }
  auto signatures = tlog::parse_signatures(answered.body);
  if (!signatures) {
    answer.reason = "it answered no signature lines: " + signatures.error().message;
    return answer;
  }
  const tlog::VerifierKey key = options_.policy.witnesses[witness].key;
  tlog::Note note{.text = tlog::parse_note(task.checkpoint->note)->text,
                  .signatures = *std::move(signatures)};
  const auto verified = tlog::verify_note(note, {&key, 1});
  if (!verified || verified->front().unix_seconds.value_or(0) == 0) {
    answer.reason = "its cosignature is not good: " +
                    (verified ? std::string("it has no time") : verified.error().message);
    return answer;
  }
  answer.kind = Answer::Kind::Cosigned;
  answer.known = task.checkpoint->size;
  answer.line = tlog::print_signature(note.signatures[verified->front().signature]);
  return answer;
}

void WitnessClient::finish(std::size_t index, const Task& task, const Answer& answer) {
  PublishedPointer counts;
  {
    MutexLock lock(mutex_);
    if (stopping_) {
      return;
    }
    Round& round = rounds_.at(task.log);
    Witness& witness = witnesses_[index];
    Peer& peer = round.peers[index];
    peer.asking = false;
    peer.known = answer.known;
    if (answer.kind == Answer::Kind::Cosigned) {
      if (witness.stats.failing) {
        base::info("a witness cosigns again", {{"witness", options_.policy.witnesses[index].name}});
      }
      ++witness.stats.cosignatures;
      witness.stats.failing = false;
      witness.failures = peer.failures = 0;
      if (round.checkpoint == task.checkpoint) {
        peer.cosigned = true;
        round.lines[index] = answer.line;
        std::vector<bool> cosigned;
        for (const Peer& one : round.peers) {
          cosigned.push_back(one.cosigned);
        }
        round.reached = tlog::is_quorum(options_.policy, cosigned);
        counts = round.reached ? with_lines(round) : nullptr;
      } else {
        enqueue(task.log, round, index, 0);
      }
    } else {
      note_failure(index, task, answer, peer);
      enqueue(task.log, round, index,
              clock_.monotonic_micros() + backoff(std::max(peer.failures, 1)));
    }
    advance(task.log, round);
  }
  if (counts != nullptr) {
    cosigned_(task.log, std::move(counts));
  }
}

void WitnessClient::note_failure(std::size_t index, const Task& task, const Answer& answer,
                                 Peer& peer) {
  Witness& witness = witnesses_[index];
  const bool first =
      answer.kind == Answer::Kind::Unreachable ? witness.failures == 0 : peer.failures == 0;
  if (first) {
    const tlog::Note note = tlog::parse_note(task.checkpoint->note).value();
    const bool alarming = answer.kind == Answer::Kind::Alarming;
    const auto say = alarming ? base::error : base::warning;
    say(alarming ? "a witness contradicts a log of ours"
                 : "a witness does not cosign; it is asked again",
        {{"witness", options_.policy.witnesses[index].name},
         {"log", note.text.substr(0, note.text.find('\n'))},
         {"reason", answer.reason}});
  }
  ++witness.stats.failures;
  witness.stats.failing = true;
  if (answer.kind == Answer::Kind::Unreachable) {
    ++witness.failures;
    witness.not_before = clock_.monotonic_micros() + backoff(witness.failures);
  } else {
    ++peer.failures;
    witness.failures = 0;
  }
}

PublishedPointer WitnessClient::with_lines(const Round& round) const {
  auto made = std::make_shared<Published>(*round.checkpoint);
  for (const std::string& line : round.lines) {
    made->note += line;
  }
  return made;
}

bool WitnessClient::is_over(const Round& round) const {
  if (round.reached && options_.policy.quorum != tlog::kNoQuorum) {
    return true;
  }
  const std::int64_t now = clock_.monotonic_micros();
  for (std::size_t i = 0; i < round.peers.size(); ++i) {
    const Peer& peer = round.peers[i];
    const bool failed = peer.queued && (peer.failures > 0 || witnesses_[i].not_before > now);
    if (!peer.cosigned && !failed) {
      return false;
    }
  }
  return true;
}

// Begins the next round where this one is over and there is something newer.
void WitnessClient::advance(const event::LogId& log, Round& round) {
  const bool first = round.checkpoint == nullptr;
  if (!first && (round.newest == round.checkpoint || !round.started || !is_over(round))) {
    return;
  }
  const std::int64_t due = first ? 0 : round.begun_micros + options_.round_micros;
  round.checkpoint = round.newest;
  round.started = false;
  round.reached = false;
  std::fill(round.lines.begin(), round.lines.end(), std::string());
  for (std::size_t i = 0; i < round.peers.size(); ++i) {
    round.peers[i].cosigned = false;
    enqueue(log, round, i, due);
  }
}

void WitnessClient::enqueue(const event::LogId& log, Round& round, std::size_t witness,
                            std::int64_t due) {
  Peer& peer = round.peers[witness];
  if (peer.queued || peer.asking) {
    return;
  }
  peer.queued = true;
  witnesses_[witness].agenda.emplace(due, log);
  woken_.notify_all();
}

std::int64_t WitnessClient::backoff(int failures) const {
  constexpr int kDoublingsMax = 20;
  const std::int64_t wait = options_.retry_micros << std::min(failures - 1, kDoublingsMax);
  return std::min(wait, options_.retry_micros_max);
}

}  // namespace piperoll::ingest
