#pragma once
// Witness: cosigns the checkpoints of other logs, each time only if the log still contains what was
// cosigned before (c2sp.org/tlog-witness). Thread-safe.
//
//   POST /v1/witness/add-checkpoint              see tlog/witness_request.h
//   GET  /v1/witness/<SHA-256 of origin>/checkpoint
//
// Nobody shows a credential: a request counts by the signature of its log. What was cosigned last
// of a log is the file DIR/witness/<SHA-256 of origin, hex>: the checkpoint with the log's
// signatures and ours, durable before a cosignature is given away.

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "net/worker_pool.h"
#include "tlog/note.h"
#include "tlog/witness_request.h"
#include "wire/message.h"

namespace piperoll::server {

// What became of requests, for /metrics.
enum class WitnessResult : std::uint8_t {
  Cosigned,
  Malformed,
  UnknownLog,
  NotSigned,
  Stale,
  Inconsistent,  // the log contradicts what was cosigned
  Failed         // ours: disk, too much to do
};
inline constexpr std::size_t kWitnessResults = 7;
std::string_view to_string(WitnessResult result);  // "cosigned", ...

// The keys by origin. Lines of "<vkey> [<origin>]": a log whose origin is not the name of its key
// says so; a log with several keys has a line for each. Blank lines and what begins with # are
// skipped. InvalidArgument beginning with "line <n>: ".
using WitnessedLogs = std::map<std::string, std::vector<tlog::VerifierKey>>;
base::Result<WitnessedLogs> parse_witnessed_logs(std::string_view text);

struct WitnessOptions {
  std::string directory;  // made where it is not there
  WitnessedLogs logs;
  tlog::NoteSigner signer;  // of type Cosignature
};

class Witness {
 public:
  // Reads what was cosigned before. Corruption (code "damaged_state") for a file that is not what
  // this key wrote: going on without would break the promise. clock outlives the witness.
  static base::Result<std::unique_ptr<Witness>> open(WitnessOptions options,
                                                     const base::Clock& clock);
  ~Witness();  // stop()s
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  static bool owns(std::string_view path);  // at or below /v1/witness
  // done may be called later, on a thread of the witness.
  void handle(const wire::Request& request, const std::function<void(wire::Response)>& done);

  // The answer to a body; blocks on the disk.
  wire::Response add_checkpoint(std::string_view body);
  wire::Response checkpoint(std::string_view origin_hash) const;

  std::uint64_t results(WitnessResult result) const;
  void stop();

 private:
  // What is known of one log. busy: a request for it is at the disk; others wait.
  struct Log {
    std::string origin, file;  // name in the directory
    std::vector<tlog::VerifierKey> keys;
    bool busy = false;
    tlog::WitnessedTree known;
    std::string note;  // the last that was cosigned; empty: none
  };

  Witness(WitnessOptions options, const base::Clock& clock);
  base::Result<void> read_state();
  base::Result<std::string> cosign(std::string_view body);
  base::Result<void> acquire(Log& log) EXCLUDES_LOCK(mutex_);
  void release(Log& log, std::string note, const tlog::WitnessedTree& known) EXCLUDES_LOCK(mutex_);
  wire::Response answer(base::Result<std::string> cosigned);

  const WitnessOptions options_;
  const base::Clock& clock_;
  std::map<std::string, std::string> origins_;  // by file name
  mutable base::Mutex mutex_;
  base::CondVar released_;
  std::map<std::string, Log> logs_ GUARDED_BY(mutex_);  // by origin; none comes or goes
  std::array<std::atomic<std::uint64_t>, kWitnessResults> results_{};
  net::WorkerPool workers_;
};

}  // namespace piperoll::server
