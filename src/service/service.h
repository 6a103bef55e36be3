#pragma once
// The use cases: who asks, in which organisation, with which right; then one function per
// operation. The only place that decides. Thread-safe.

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "auth/issuer_login.h"
#include "auth/request_signature.h"
#include "auth/session_store.h"
#include "auth/token_mint.h"
#include "auth/token_verifier.h"
#include "base/clock.h"
#include "base/executor.h"
#include "crypto/hmac.h"
#include "ingest/committer.h"
#include "ingest/indexer.h"
#include "ingest/publisher.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "query/cursor.h"
#include "registry/registry.h"
#include "service/request_limits.h"
#include "store/event_store.h"

namespace piperoll::service {

// All references outlive the service and every call that is under way.
struct ServiceParts {
  registry::Registry& registry;
  store::EventStore& store;
  ingest::Committer& committer;
  ingest::Indexer& indexer;
  base::Executor& workers;  // reads run here
  const store::IdCipher& ids;
  const base::Clock& clock;
  query::CursorKey cursor_key;
  crypto::HmacKey content_key;                // of content_digest()
  auth::TokenVerifier* tokens = nullptr;      // null: no token is taken
  const auth::TokenMint* mint = nullptr;      // null: no token is given
  const auth::SigningVault* vault = nullptr;  // null: no signed request is taken
  auth::SessionStore* sessions = nullptr;     // null: no session is opened
  base::Executor* passwords = nullptr;        // they are hashed there; null: none is taken
  auth::IssuerLogins* logins = nullptr;       // null: nobody logs in with an issuer
  base::Executor* login_threads = nullptr;    // where issuers are waited for; null: as above
  ingest::Publisher* publisher = nullptr;     // null: no evidence is kept
};

enum class AccessLogMode {
  Background,  // durable soon after the answer (ingest_limits.h)
  Sync         // durable before the answer
};

struct ServiceOptions {
  AccessLogMode access_log = AccessLogMode::Background;
  RequestLimitOptions limits = {};
  bool public_logs = false;  // is_public_evidence() needs no credential
};

// For metrics.
struct ServiceStats {
  struct Counted {
    const char* name = "";
    std::uint64_t count = 0;
  };
  // Logins that were refused, by what was shown: "password", "key" (or a token), "issuer".
  std::array<Counted, 3> refused_logins;
  // Requests that were refused, by limit.
  std::array<RequestLimits::Refused, 4> limited;
};

class Service {
 public:
  using Done = std::function<void(operation::Reply)>;

  explicit Service(ServiceParts parts, ServiceOptions options = {});
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Returns at once; done is called exactly once, on any thread (this one if the call fails early).
  void execute(operation::Call call, Done done);
  ServiceStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace piperoll::service
