#pragma once
// Engine: everything between a decoded call and the disk, opened on one data directory. The only
// place that builds this graph; serve and the commands that work on a directory share it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/session_store.h"
#include "auth/token_verifier.h"
#include "base/clock.h"
#include "base/result.h"
#include "ingest/committer.h"
#include "ingest/indexer.h"
#include "ingest/publisher.h"
#include "ingest/witness_client.h"
#include "journal/journal.h"
#include "net/worker_pool.h"
#include "registry/registry.h"
#include "server/data_directory.h"
#include "server/issuer_config.h"
#include "service/service.h"
#include "store/event_store.h"

namespace piperoll::server {

struct EngineOptions {
  std::string directory;
  int worker_threads = 2;
  int hash_threads = 2;  // that make leaves
  service::AccessLogMode access_log = service::AccessLogMode::Background;
  bool pad_groups = true;  // journal/journal.h
  std::uint64_t segment_bytes = 128ULL << 20;
  std::uint64_t reserve_bytes = 64ULL << 20;
  std::uint64_t block_cache_bytes = 200ULL << 20;
  std::uint64_t write_buffer_bytes = 96ULL << 20;
  auth::SessionLimits sessions;
  service::RequestLimitOptions limits;
  int password_threads = 2;           // each needs 19 MiB while it works
  std::string server_name = {};       // empty: that of the directory, or the default (config.h)
  std::vector<IssuerConfig> issuers;  // whose tokens are taken, beside our own
  std::string public_url = {};        // where issuers send people back to; config.h
  // Leaves are made for what is written, and checkpoints signed; without, the trees stay behind and
  // are completed by the next process that opens the directory with.
  bool evidence = true;
  // Whether a directory that has no server name yet may get the default one now: not where nothing
  // but registry records is written, since the server itself may be configured otherwise.
  bool name_directory = true;
  std::string signing_key = {};      // path; empty: in the directory (log_keys.h)
  bool public_logs = false;          // service/service.h
  bool accept_lost_journal = false;  // opens a store whose journal has no segments
  // Who cosigns checkpoints, of which logs (none: of all); nothing: nobody.
  std::optional<tlog::Policy> witnesses = std::nullopt;
  std::vector<event::LogId> witnessed = {};
  std::int64_t witness_timeout_micros = 10 * base::kMicrosPerSecond;
};

class Engine {
 public:
  // Opens the directory, replays what the store lacks through the ordinary path, compares the
  // newest rows with the trees, and starts the committer and the indexer. Where rows and tree
  // differ the engine opens, but takes no writes. Corruption (code "journal_missing") when frames
  // were applied and the journal has no segment. clock outlives the engine.
  static base::Result<std::unique_ptr<Engine>> open(const EngineOptions& options,
                                                    const base::Clock& clock);
  ~Engine();  // close()s
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  service::Service& service();
  registry::Registry& registry();
  store::EventStore& store();
  ingest::Committer& committer();
  ingest::Indexer& indexer();
  journal::Journal& journal();
  net::WorkerPool& workers();
  const auth::TokenVerifier& tokens() const;
  const auth::SessionStore& sessions() const;
  ingest::Publisher* publisher();      // null without evidence
  ingest::WitnessClient* witnesses();  // null where nobody cosigns
  const DataDirectory& directory() const;
  const std::string& server_name() const;  // or the default where there is none yet

  // Whether an append could be made durable now; Unavailable with the reason if not.
  base::Result<void> ready() const;

  // A call, answered; blocks. For commands.
  operation::Reply execute(operation::Call call);

  // Commits what is queued, applies and flushes it, unlocks. Idempotent.
  void close();

 private:
  struct Parts;
  explicit Engine(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace piperoll::server
