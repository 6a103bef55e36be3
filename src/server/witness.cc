#include "server/witness.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/diagnostics.h"
#include "crypto/sha256.h"
#include "server/small_files.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::MutexLock;
using base::Result;
using wire::Response;

constexpr std::string_view kPrefix = "/v1/witness";
constexpr std::string_view kAdd = "/v1/witness/add-checkpoint";
constexpr std::string_view kCheckpoint = "/checkpoint";
constexpr std::string_view kTextType = "text/plain; charset=utf-8";
// Two, so that one slow sync does not hold up another log; a hundred waiting is a second's work.
constexpr int kThreads = 2;
constexpr std::size_t kWaitingMax = 128;
constexpr std::int64_t kBusyWaitMicros = 5'000'000;

std::string file_of(const std::string& origin) {
  const crypto::Sha256Digest digest = crypto::sha256(origin);
  return base::hex_encode(crypto::as_bytes(digest));
}

Response text(int status, std::string body, std::string_view type = kTextType) {
  Response response = wire::make_response(status, std::string(type), std::move(body));
  response.set("Cache-Control", "no-store");
  if (status == 503) {
    response.set("Retry-After", "1");
  }
  return response;
}

Error unknown_log() {
  return {.kind = ErrorKind::NotFound,
          .message = "no such log is witnessed here",
          .code = "unknown_log"};
}

Error busy() {
  return {.kind = ErrorKind::Unavailable,
          .message = "the witness has too much to do; try again",
          .code = "busy"};
}

WitnessResult result_of(const Error& error) {
  if (error.code == "unknown_log") {
    return WitnessResult::UnknownLog;
  }
  if (error.kind == ErrorKind::Forbidden) {
    return WitnessResult::NotSigned;
  }
  if (error.code == "stale") {
    return WitnessResult::Stale;
  }
  if (error.code == "proof_invalid") {
    return WitnessResult::Inconsistent;
  }
  return error.kind == ErrorKind::InvalidArgument || error.kind == ErrorKind::TooLarge
             ? WitnessResult::Malformed
             : WitnessResult::Failed;
}

int status_of(const Error& error) {
  switch (result_of(error)) {
    case WitnessResult::Cosigned:
      return 200;
    case WitnessResult::Malformed:
      return error.kind == ErrorKind::TooLarge ? 413 : 400;
    case WitnessResult::UnknownLog:
      return 404;
    case WitnessResult::NotSigned:
      return 403;
    case WitnessResult::Stale:
      return 409;
    case WitnessResult::Inconsistent:
      return 422;
    case WitnessResult::Failed:
      break;
  }
  return 503;
}

Error bad_line(int number, const std::string& why) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "line " + std::to_string(number) + ": " + why,
          .code = "invalid_logs"};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// The note as it is kept and shown: the log's signatures that were verified, and ours.
std::string kept_note(const tlog::SignedCheckpoint& opened, tlog::NoteSignature ours) {
  tlog::Note note{.text = opened.note.text, .signatures = {}};
  for (const tlog::VerifiedSignature& signature : opened.verified) {
    note.signatures.push_back(opened.note.signatures[signature.signature]);
  }
  note.signatures.push_back(std::move(ours));
  return tlog::print_note(note);
}

}  // namespace

std::string_view to_string(WitnessResult result) {
  constexpr std::string_view kNames[kWitnessResults] = {
      "cosigned", "malformed", "unknown_log", "not_signed", "stale", "inconsistent", "failed"};
  return kNames[static_cast<std::size_t>(result)];
}

Result<WitnessedLogs> parse_witnessed_logs(std::string_view text) {
  WitnessedLogs logs;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    const std::string_view line = trimmed(whole);
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    const std::string_view vkey = line.substr(0, line.find_first_of(" \t"));
    const std::string_view origin = trimmed(line.substr(vkey.size()));
    auto key = tlog::parse_verifier_key(vkey);
    if (!key) {
      return bad_line(number, key.error().message);
    }
    if (key->type != tlog::KeyType::Ed25519) {
      return bad_line(number, "the key of a log must be of type 0x01 (Ed25519)");
    }
    auto& keys = logs[origin.empty() ? key->name : std::string(origin)];
    if (std::find(keys.begin(), keys.end(), *key) != keys.end()) {
      return bad_line(number, "the key is in a line before");
    }
    keys.push_back(*std::move(key));
  }
  return logs;
}

Witness::Witness(WitnessOptions options, const base::Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      workers_({.threads = kThreads, .queued_max = kWaitingMax, .name = "witness"}) {
  MutexLock lock(mutex_);
  for (const auto& [origin, keys] : options_.logs) {
    Log& log = logs_[origin];
    log.origin = origin;
    log.file = file_of(origin);
    log.keys = keys;
    origins_.emplace(log.file, origin);
  }
}

Witness::~Witness() {
  stop();
}

void Witness::stop() {
  workers_.stop();
}

Result<std::unique_ptr<Witness>> Witness::open(WitnessOptions options, const base::Clock& clock) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) {
    return not_writable(options.directory, error.value());
  }
  std::unique_ptr<Witness> witness(new Witness(std::move(options), clock));
  RETURN_IF_ERROR(witness->read_state());
  return witness;
}

Result<void> Witness::read_state() {
  MutexLock lock(mutex_);
  for (auto& [origin, log] : logs_) {
    const std::string path = options_.directory + "/" + log.file;
    auto note = read_small_file(path);
    if (!note && note.error().kind == ErrorKind::NotFound) {
      continue;
    }
    RETURN_IF_ERROR(note);
    const auto parsed = tlog::parse_note(*note);
    const auto checkpoint =
        parsed ? tlog::parse_checkpoint(parsed->text) : Result<tlog::Checkpoint>(parsed.error());
    const tlog::VerifierKey ours = options_.signer.verifier_key();
    if (!checkpoint || checkpoint->origin != origin || !tlog::verify_note(*parsed, {&ours, 1})) {
      return Error{.kind = ErrorKind::Corruption,
                   .message = path + " is not what this witness key cosigned of " + origin +
                              ": restore it, or begin with a new key",
                   .code = "damaged_state"};
    }
    log.known = {.size = checkpoint->size, .root = checkpoint->root};
    log.note = *std::move(note);
  }
  return {};
}

bool Witness::owns(std::string_view path) {
  return path == kPrefix || path.starts_with(std::string(kPrefix) + "/");
}

void Witness::handle(const wire::Request& request, const std::function<void(Response)>& done) {
  const std::string_view path = request.path();
  const bool adds = path == kAdd;
  if (request.method != (adds ? "POST" : "GET")) {
    Response refused = text(405, "this address takes another method\n");
    refused.set("Allow", adds ? "POST" : "GET, HEAD");
    done(std::move(refused));
    return;
  }
  if (!adds) {
    const bool fits =
        path.ends_with(kCheckpoint) && path.size() > kPrefix.size() + 1 + kCheckpoint.size();
    done(fits ? checkpoint(path.substr(kPrefix.size() + 1,
                                       path.size() - kPrefix.size() - 1 - kCheckpoint.size()))
              : text(404, "nothing is here\n"));
    return;
  }
  auto work = [this, body = std::string(request.body), done] { done(add_checkpoint(body)); };
  if (request.body.size() > tlog::kWitnessRequestBytesMax) {
    done(add_checkpoint(request.body));  // refused by its size alone
  } else if (!workers_.post(std::move(work))) {
    done(answer(busy()));
  }
}

Response Witness::checkpoint(std::string_view origin_hash) const {
  const auto origin = origins_.find(std::string(origin_hash));
  std::string note;
  if (origin != origins_.end()) {
    MutexLock lock(mutex_);
    note = logs_.at(origin->second).note;
  }
  return note.empty() ? text(404, "no checkpoint of such a log was cosigned\n")
                      : text(200, std::move(note));
}

Response Witness::add_checkpoint(std::string_view body) {
  return answer(cosign(body));
}

Response Witness::answer(Result<std::string> cosigned) {
  const WitnessResult result = cosigned ? WitnessResult::Cosigned : result_of(cosigned.error());
  ++results_[static_cast<std::size_t>(result)];
  if (cosigned) {
    return text(200, *std::move(cosigned));
  }
  const Error& error = cosigned.error();
  if (result == WitnessResult::Stale) {
    return text(409, error.detail, tlog::kTreeSizeType);
  }
  return text(status_of(error), error.message + "\n");
}

// Takes the log for one request: what it finds and what it keeps belong together.
Result<void> Witness::acquire(Log& log) {
  const std::int64_t deadline = clock_.monotonic_micros() + kBusyWaitMicros;
  MutexLock lock(mutex_);
  while (log.busy) {
    const std::int64_t left = deadline - clock_.monotonic_micros();
    if (left <= 0) {
      return busy();
    }
    released_.wait_for(mutex_, std::chrono::microseconds(left));
  }
  log.busy = true;
  return {};
}

void Witness::release(Log& log, std::string note, const tlog::WitnessedTree& known) {
  MutexLock lock(mutex_);
  log.busy = false;
  if (!note.empty()) {
    log.note = std::move(note);
    log.known = known;
  }
  released_.notify_all();
}

Result<std::string> Witness::cosign(std::string_view body) {
  ASSIGN_OR_RETURN(const tlog::WitnessRequest request, tlog::parse_witness_request(body));
  ASSIGN_OR_RETURN(const tlog::Note note, tlog::parse_note(request.note));
  ASSIGN_OR_RETURN(const tlog::Checkpoint asked, tlog::parse_checkpoint(note.text));
  Log* log = nullptr;
  {
    MutexLock lock(mutex_);
    const auto found = logs_.find(asked.origin);
    log = found == logs_.end() ? nullptr : &found->second;
  }
  if (log == nullptr) {
    return unknown_log();
  }
  RETURN_IF_ERROR(acquire(*log));
  // Only who has acquired the log writes what is read here.
  auto checked = tlog::check_witness_request(request, log->keys, log->known);
  if (!checked) {
    Error refused = std::move(checked).error();
    if (refused.code == "stale") {
      refused.detail = std::to_string(log->known.size) + "\n";
    }
    if (refused.code == "proof_invalid") {
      base::error("a log contradicts what was cosigned of it; nothing is cosigned",
                  {{"log", asked.origin},
                   {"cosigned_size", std::to_string(log->known.size)},
                   {"shown", note.text}});
    }
    release(*log, "", {});
    return refused;
  }
  const auto seconds = static_cast<std::uint64_t>(clock_.now().micros / 1'000'000);
  const tlog::NoteSignature ours = options_.signer.cosign(note.text, seconds);
  std::string kept = kept_note(*checked, ours);
  // The same tree once more needs no write: what is kept says it.
  const bool is_known = !log->note.empty() && log->known.size == asked.size;
  Result<void> written = is_known
                             ? Result<void>()
                             : write_small_file(options_.directory + "/" + log->file, kept, 0644);
  if (!written) {
    release(*log, "", {});
    return std::move(written).error();
  }
  release(*log, std::move(kept), {.size = asked.size, .root = asked.root});
  return tlog::print_signature(ours);
}

std::uint64_t Witness::results(WitnessResult result) const {
  return results_[static_cast<std::size_t>(result)].load();
}

}  // namespace piperoll::server
