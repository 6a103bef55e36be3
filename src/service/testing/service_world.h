#pragma once
// A service over a journal and a store in memory, with two organisations and keys. For tests.

#include <future>
#include <map>
#include <thread>

#include "auth/api_key.h"
#include "ingest/publisher.h"
#include "ingest/testing/fake_journal.h"
#include "service/service.h"
#include "store/id_cipher.h"
#include "store/memory/memory_store.h"

namespace piperoll::service::testing {

inline constexpr char kServerName[] = "audit.example";

// One thread of its own.
class ThreadExecutor : public base::Executor {
 public:
  ThreadExecutor() : thread_([this] { run(); }) {}
  ~ThreadExecutor() override {
    post(nullptr);
    thread_.join();
  }
  bool post(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_one();
    return !refuse;
  }
  std::atomic<bool> refuse = false;

 private:
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !tasks_.empty(); });
      auto task = std::move(tasks_.front());
      tasks_.erase(tasks_.begin());
      lock.unlock();
      if (!task) {
        return;
      }
      if (!refuse) {
        task();
      }
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> tasks_;
  std::thread thread_;
};

struct ServiceWorld {
  // with_evidence: events get leaves, and a publisher signs their trees.
  explicit ServiceWorld(AccessLogMode access_log = AccessLogMode::Sync, bool with_evidence = false);

  operation::Reply execute(operation::Call call);
  // A call of the native surface with the key named ("acme-reader", "server-admin", ...).
  operation::Call call(const std::string& key, operation::Operation operation,
                       const std::string& org = "");
  operation::Reply append(const std::string& key, const std::vector<event::Event>& events,
                          bool atomic = false);
  std::uint64_t access_records();
  // Of this world, for a second service in it; who makes one may add to them.
  ServiceParts parts() { return parts_over(*store); }
  ServiceParts parts_over(store::EventStore& other_store);

  static base::Uuid uuid_of(std::uint8_t byte);
  const base::Uuid acme = uuid_of(1), other = uuid_of(2);

  store::FeistelIdCipher ids{std::string(32, 'k')};
  std::unique_ptr<store::EventStore> store = store::memory::make_memory_store(ids);
  ingest::testing::FakeJournal journal;
  registry::Registry registry;
  base::FakeClock clock{{1'000'000'000}};
  const crypto::Ed25519PrivateKey signing_key =
      crypto::Ed25519PrivateKey::from_seed(std::string(32, 's')).value();
  const std::unique_ptr<ingest::Publisher> publisher;  // none without evidence
  ingest::Indexer indexer;
  ingest::Committer committer{
      journal, *store, registry, indexer, ids, clock, {.access_delay_micros = 0}};
  ThreadExecutor workers;
  std::map<std::string, std::string> keys;
  Service service;

 private:
  void add_key(const std::string& name, std::optional<base::Uuid> org, auth::Role role);
};

}  // namespace piperoll::service::testing
