#include "server/engine.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <future>
#include <optional>

#include <sys/statvfs.h>

#include "auth/request_signature.h"
#include "auth/token_mint.h"
#include "base/diagnostics.h"
#include "ingest/frame.h"
#include "ingest/published_file.h"
#include "ingest/tree_check.h"
#include "server/issuer_keys.h"
#include "server/log_keys.h"
#include "server/login_server.h"
#include "server/small_files.h"
#include "server/witness_settings.h"
#include "store/id_cipher.h"
#include "store/rocksdb/rocksdb_store.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Some two seconds of work for two threads: who comes later is told to come back.
constexpr std::size_t kPasswordsWaitingMax = 128;

// They wait for issuers, which answer within 10 s or not at all.
constexpr int kLoginThreads = 4;
constexpr std::size_t kLoginsWaitingMax = 64;

// Of the last frames of a replay, which take the indexer a moment: its lag is bounded.
constexpr std::int64_t kReplayEndMicros = 600 * base::kMicrosPerSecond;

// Takes what the store lacks from the journal the way of every new frame: the indexer reads, hashes
// and applies it while the next is read from the disk.
class Replay {
 public:
  Replay(ingest::Indexer& indexer, registry::Registry& registry)
      : indexer_(indexer), registry_(registry) {}

  Result<void> add(journal::Lsn lsn, base::ByteView payload) {
    std::vector<store::AppliedRecord> records;
    RETURN_IF_ERROR(ingest::read_frame(payload, records));
    for (const store::AppliedRecord& record : records) {
      if (record.kind == store::AppliedRecord::Kind::Control) {
        ASSIGN_OR_RETURN(registry::Control control, registry::decode_control(record.bytes));
        registry_.apply(control);
      }
    }
    indexer_.push({.lsn = lsn, .payload = base::Bytes(payload), .records = records.size()});
    lsn_ = lsn;
    ++frames_;
    records_ += records.size();
    return indexer_.applying();
  }

  // Returns once all of it is applied.
  Result<void> finish() {
    if (frames_ > 0 && !indexer_.wait_applied(lsn_, kReplayEndMicros)) {
      RETURN_IF_ERROR(indexer_.applying());
      return Error{.kind = ErrorKind::Unavailable,
                   .message = "replaying the journal takes too long"};
    }
    return {};
  }

  void log() const {
    if (frames_ > 0) {
      base::info("replayed the journal",
                 {{"frames", std::to_string(frames_)}, {"records", std::to_string(records_)}});
    }
  }

 private:
  ingest::Indexer& indexer_;
  registry::Registry& registry_;
  journal::Lsn lsn_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace

// In the order they are made; taken down in the reverse order.
struct Engine::Parts {
  const EngineOptions options;
  const base::Clock& clock;
  std::unique_ptr<DataDirectory> directory;
  std::unique_ptr<store::IdCipher> ids;
  std::unique_ptr<store::EventStore> store;
  std::optional<std::string> server_name;  // nothing: no evidence in this process
  std::string token_issuer;
  std::optional<LogKeys> keys;
  std::unique_ptr<ingest::PublishedFile> published_file;
  std::unique_ptr<ingest::WitnessClient> witnesses;
  std::unique_ptr<ingest::Publisher> publisher;
  Result<void> fit;  // whether rows and trees do
  registry::Registry registry;
  std::unique_ptr<journal::Journal> journal;
  std::atomic<bool> started = false;  // whether all parts are there; asked by the indexer's thread
  std::unique_ptr<ingest::Indexer> indexer;
  std::unique_ptr<ingest::Committer> committer;
  std::unique_ptr<auth::SigningVault> vault;
  std::unique_ptr<auth::TokenMint> mint;
  std::unique_ptr<auth::TokenVerifier> tokens;
  std::unique_ptr<auth::SessionStore> sessions;
  std::unique_ptr<auth::IssuerLogins> logins;  // null: none is configured
  std::unique_ptr<net::WorkerPool> login_threads;
  std::unique_ptr<net::WorkerPool> passwords;
  std::unique_ptr<net::WorkerPool> workers;
  std::unique_ptr<service::Service> service;
  bool closed = false;

  // Also of an engine that did not open: until then its witnesses may cosign for its publisher.
  ~Parts() { stop_publishing(); }
  void stop_publishing();

  Result<void> open();
  Result<void> open_store();
  Result<void> open_evidence();
  Result<void> check_journal() const;
  void open_indexer();
  Result<void> open_journal();
  Result<void> check_evidence();
  Result<void> open_published(const std::string& path);
  Result<void> check_published();
  Result<void> open_publisher();
  Result<void> open_identity();
  void start();
};

Result<void> Engine::Parts::open_store() {
  ids = std::make_unique<store::FeistelIdCipher>(directory->secrets().id_key);
  ASSIGN_OR_RETURN(
      store, store::rocks::open_rocksdb_store({.directory = directory->store_path(),
                                               .block_cache_bytes = options.block_cache_bytes,
                                               .write_buffer_bytes = options.write_buffer_bytes},
                                              *ids));
  return store->for_each_control([this](base::ByteView bytes) -> Result<void> {
    ASSIGN_OR_RETURN(registry::Control control, registry::decode_control(bytes));
    registry.apply(control);
    return {};
  });
}

Result<void> Engine::Parts::open_evidence() {
  ASSIGN_OR_RETURN(
      const std::optional<std::string> name,
      directory->name_server(options.server_name, options.evidence && options.name_directory));
  token_issuer = name.value_or(std::string(kServerNameByDefault));
  if (options.evidence && name) {
    server_name = name;
    ASSIGN_OR_RETURN(keys, load_log_keys(directory->path(), options.signing_key, clock.now()));
  }
  return {};
}

// Damage is no reason not to look at what is there: reads go on, writes do not.
Result<void> Engine::Parts::check_evidence() {
  if (!server_name) {
    return {};
  }
  fit = ingest::complete_trees(*store, *server_name);
  if (fit) {
    fit = ingest::check_trees(*store, *server_name);
  }
  if (fit) {
    fit = check_published();
  }
  if (!fit) {
    fit = Error{.kind = ErrorKind::Unavailable,
                .message = "nothing is written: " + fit.error().message +
                           "; look closer with: piperoll verify --data " + directory->path(),
                .code = "tree_mismatch"};
    base::error(fit.error().message);
    return {};
  }
  return open_publisher();
}

Result<void> Engine::Parts::open_published(const std::string& path) {
  ASSIGN_OR_RETURN(auto opened, ingest::PublishedFile::open(path));
  RETURN_IF_ERROR(ingest::check_published(*store, *server_name, opened->opened_with()));
  published_file = std::move(opened);
  return {};
}

// A log that lacks what was shown of it must not grow: it would show two histories.
Result<void> Engine::Parts::check_published() {
  const std::string path = published_path(directory->path());
  Result<void> fits = open_published(path);
  if (fits || fits.error().kind != ErrorKind::Corruption || !options.accept_lost_journal) {
    return fits;
  }
  base::warning("what was published before is given up, and begun anew; kept aside",
                {{"reason", fits.error().message}, {"file", path + ".given_up"}});
  if (std::rename(path.c_str(), (path + ".given_up").c_str()) != 0) {
    return not_writable(path, errno);
  }
  return open_published(path);
}

// What the publisher signs goes to the witnesses, and comes back cosigned.
Result<void> Engine::Parts::open_publisher() {
  ingest::PublisherOptions publishing{.server_name = *server_name,
                                      .known_keys = public_keys(keys->known)};
  publishing.keep = [this](std::span<const ingest::PublishedFile::Entry> signed_now) {
    return published_file->keep(signed_now);
  };
  if (options.witnesses) {
    ingest::WitnessClientOptions asking{.policy = *options.witnesses, .lines = {}};
    ASSIGN_OR_RETURN(asking.lines,
                     make_witness_lines(*options.witnesses, options.witness_timeout_micros));
    witnesses = std::make_unique<ingest::WitnessClient>(
        *store, std::move(asking),
        [this](const event::LogId& log, const ingest::PublishedPointer& published) {
          publisher->cosigned(log, published);
        });
    publishing.policy = options.witnesses;
    publishing.witnessed = options.witnessed;
    publishing.submit = [this](const event::LogId& log, ingest::PublishedPointer published) {
      witnesses->submit(log, std::move(published));
    };
  }
  publisher = std::make_unique<ingest::Publisher>(*store, keys->signing, std::move(publishing));
  if (witnesses) {  // whatever no quorum has seen when the last process ended
    std::vector<event::LogId> logs;
    for (const auto& org : registry.orgs()) {
      logs.push_back({org->id, event::LogKind::Events});
      logs.push_back({org->id, event::LogKind::Access});
    }
    publisher->changed(logs);
  }
  return {};
}

// Frames are only given up once the store has them for good, and the newest segment never: a store
// that has applied some beside no segment at all has lost what came after.
Result<void> Engine::Parts::check_journal() const {
  if (store->applied_lsn() == 0 || options.accept_lost_journal ||
      has_journal_segments(directory->path())) {
    return {};
  }
  return base::Error{
      .kind = base::ErrorKind::Corruption,
      .message = "the segments of " + directory->journal_path() +
                 " are gone, and with them events " +
                 "that may have been acknowledged; restore them, or go on without: serve once " +
                 "with --accept-lost-journal",
      .code = "journal_missing"};
}

// It runs before the journal and the publisher are there, to replay: they hear of what is new.
void Engine::Parts::open_indexer() {
  ingest::IndexerOptions indexing{.server_name = server_name, .hash_threads = options.hash_threads};
  indexing.release = [this](store::Lsn persisted) {
    if (started) {
      journal->release(persisted);
    }
  };
  if (server_name) {
    indexing.applied = [this](std::span<const event::LogId> logs) {
      if (started && publisher) {
        publisher->changed(logs);
      }
    };
  }
  indexer = std::make_unique<ingest::Indexer>(*store, std::move(indexing));
}

Result<void> Engine::Parts::open_journal() {
  RETURN_IF_ERROR(check_journal());
  Replay replay(*indexer, registry);
  ASSIGN_OR_RETURN(journal, journal::Journal::open({.directory = directory->journal_path(),
                                                    .segment_bytes = options.segment_bytes,
                                                    .pad_groups = options.pad_groups,
                                                    .reserve_bytes = options.reserve_bytes},
                                                   store->applied_lsn(),
                                                   [&](journal::Lsn lsn, base::ByteView payload) {
                                                     return replay.add(lsn, payload);
                                                   }));
  RETURN_IF_ERROR(replay.finish());
  replay.log();
  return {};
}

// Keys of their own for each purpose, derived from one secret of the directory.
Result<void> Engine::Parts::open_identity() {
  const crypto::HmacKey secret(directory->secrets().content_key);
  const auto derived = [&](std::string_view purpose) {
    const crypto::Sha256Digest key = secret.mac(purpose);
    return base::Bytes(crypto::as_bytes(key));
  };
  vault = std::make_unique<auth::SigningVault>(derived("piperoll: signing states, 1"));
  mint = std::make_unique<auth::TokenMint>(token_issuer, derived("piperoll: own tokens, 1"));
  ASSIGN_OR_RETURN(auto trusted, make_trusted(options.issuers, clock));
  trusted.insert(trusted.begin(), mint->trusted());
  tokens = std::make_unique<auth::TokenVerifier>(std::move(trusted));
  sessions = std::make_unique<auth::SessionStore>(options.sessions);
  ASSIGN_OR_RETURN(logins, make_logins(options.issuers, options.public_url, *tokens, clock));
  if (logins) {
    login_threads = std::make_unique<net::WorkerPool>(net::WorkerPool::Options{
        .threads = kLoginThreads, .queued_max = kLoginsWaitingMax, .name = "login"});
  }
  passwords = std::make_unique<net::WorkerPool>(net::WorkerPool::Options{
      .threads = options.password_threads, .queued_max = kPasswordsWaitingMax, .name = "password"});
  return {};
}

void Engine::Parts::start() {
  committer = std::make_unique<ingest::Committer>(*journal, *store, registry, *indexer, *ids, clock,
                                                  ingest::CommitterOptions{.refusal = fit});
  workers = std::make_unique<net::WorkerPool>(
      net::WorkerPool::Options{.threads = options.worker_threads, .name = "reader"});
  service = std::make_unique<service::Service>(
      service::ServiceParts{.registry = registry,
                            .store = *store,
                            .committer = *committer,
                            .indexer = *indexer,
                            .workers = *workers,
                            .ids = *ids,
                            .clock = clock,
                            .cursor_key = {directory->secrets().cursor_key},
                            .content_key = crypto::HmacKey(directory->secrets().content_key),
                            .tokens = tokens.get(),
                            .mint = mint.get(),
                            .vault = vault.get(),
                            .sessions = sessions.get(),
                            .passwords = passwords.get(),
                            .logins = logins.get(),
                            .login_threads = login_threads.get(),
                            .publisher = publisher.get()},
      service::ServiceOptions{.access_log = options.access_log,
                              .limits = options.limits,
                              .public_logs = options.public_logs});
  started = true;
}

Result<void> Engine::Parts::open() {
  ASSIGN_OR_RETURN(directory, DataDirectory::open(options.directory));
  RETURN_IF_ERROR(open_store());
  RETURN_IF_ERROR(open_evidence());
  open_indexer();
  RETURN_IF_ERROR(open_journal());
  RETURN_IF_ERROR(check_evidence());
  RETURN_IF_ERROR(open_identity());
  start();
  return {};
}

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options,
                                             const base::Clock& clock) {
  auto parts = std::unique_ptr<Parts>(new Parts{.options = options, .clock = clock});
  RETURN_IF_ERROR(parts->open());
  return std::unique_ptr<Engine>(new Engine(std::move(parts)));
}

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Engine::~Engine() {
  close();
}

service::Service& Engine::service() {
  return *parts_->service;
}
registry::Registry& Engine::registry() {
  return parts_->registry;
}
store::EventStore& Engine::store() {
  return *parts_->store;
}
ingest::Committer& Engine::committer() {
  return *parts_->committer;
}
ingest::Indexer& Engine::indexer() {
  return *parts_->indexer;
}
journal::Journal& Engine::journal() {
  return *parts_->journal;
}
const auth::TokenVerifier& Engine::tokens() const {
  return *parts_->tokens;
}
ingest::Publisher* Engine::publisher() {
  return parts_->publisher.get();
}
ingest::WitnessClient* Engine::witnesses() {
  return parts_->witnesses.get();
}
net::WorkerPool& Engine::workers() {
  return *parts_->workers;
}
const auth::SessionStore& Engine::sessions() const {
  return *parts_->sessions;
}
const std::string& Engine::server_name() const {
  return parts_->token_issuer;
}
const DataDirectory& Engine::directory() const {
  return *parts_->directory;
}

Result<void> Engine::ready() const {
  RETURN_IF_ERROR(parts_->committer->writable());
  if (parts_->indexer->failed()) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "the index failed; restart the server",
                 .code = "index_failed"};
  }
  struct statvfs disk = {};
  if (::statvfs(parts_->directory->path().c_str(), &disk) == 0 &&
      disk.f_bavail * disk.f_frsize < parts_->options.reserve_bytes) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "less than " + std::to_string(parts_->options.reserve_bytes >> 20) +
                            " MiB are free on the disk",
                 .code = "no_space"};
  }
  return {};
}

operation::Reply Engine::execute(operation::Call call) {
  std::promise<operation::Reply> promise;
  parts_->service->execute(
      std::move(call), [&promise](operation::Reply reply) { promise.set_value(std::move(reply)); });
  return promise.get_future().get();
}

// Who waits for keys of issuers is let go; readers end then, then what they wait for: committer,
// indexer, publisher, witnesses, journal, store.
void Engine::close() {
  if (parts_->closed || !parts_->service) {
    return;
  }
  parts_->closed = true;
  parts_->tokens->stop();
  if (parts_->login_threads) {
    parts_->login_threads->stop();
  }
  parts_->passwords->stop();
  parts_->workers->stop();
  parts_->committer->stop();
  parts_->indexer->stop();
  parts_->stop_publishing();
}

void Engine::Parts::stop_publishing() {
  if (publisher) {
    publisher->stop();
  }
  if (witnesses) {
    witnesses->stop();
  }
}

}  // namespace piperoll::server
