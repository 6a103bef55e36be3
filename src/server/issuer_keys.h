#pragma once
// Keys of issuers that are read again and again: from a file, an address, or through OpenID Connect
// discovery. One thread for each. Thread-safe.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "auth/key_source.h"
#include "auth/token_verifier.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "server/issuer_config.h"

namespace piperoll::server {

struct LoadedKeys {
  auth::KeySet keys;
  std::string text;  // what they were read from: the same text is the same set
  std::optional<std::int64_t> max_age_seconds;
};
using LoadKeys = std::function<base::Result<LoadedKeys>()>;

class RefreshedKeys : public auth::KeySource {
 public:
  // name: for diagnostics. load runs on the thread of this object and may block. first: the set to
  // start with, where it was loaded already. clock outlives this.
  RefreshedKeys(std::string name, LoadKeys load, std::optional<LoadedKeys> first,
                const base::Clock& clock);
  ~RefreshedKeys() override;  // stop()s

  std::shared_ptr<const auth::KeySet> keys() const override;
  bool refresh(std::function<void()> done) override;
  void stop() override;
  auth::KeyStats stats() const override;

 private:
  using Waiting = std::vector<std::function<void()>>;

  void run();
  void take(base::Result<LoadedKeys> loaded) REQUIRES_LOCK(mutex_);

  const std::string name_;
  const LoadKeys load_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  auth::FetchPlan plan_ GUARDED_BY(mutex_);
  std::shared_ptr<const auth::KeySet> keys_ GUARDED_BY(mutex_);
  std::string text_ GUARDED_BY(mutex_);
  Waiting waiting_ GUARDED_BY(mutex_);
  bool loading_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  auth::KeyStats stats_ GUARDED_BY(mutex_);
  std::int64_t loaded_at_ GUARDED_BY(mutex_) = 0;
  base::Mutex joining_;
  std::thread thread_;
};

// Where an issuer describes itself (OpenID Connect Discovery 4).
std::string discovery_address(std::string issuer);

// How the keys of this issuer are loaded.
LoadKeys key_loader(const IssuerConfig& config);

// A verifier for them all. Keys in files are read at once: InvalidArgument or Unavailable naming
// the issuer; those at addresses are fetched in the background. clock outlives it.
base::Result<std::vector<auth::TokenVerifier::Trusted>> make_trusted(
    const std::vector<IssuerConfig>& issuers, const base::Clock& clock);
// The same checks without a thread or a fetch: for --check-config.
base::Result<void> check_issuers(const std::vector<IssuerConfig>& issuers);

}  // namespace piperoll::server
