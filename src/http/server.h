#pragma once
// The HTTP/1.1 server: sockets, connections, limits and timeouts; what requests mean is the
// Handler's business.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/result.h"
#include "http/handler.h"
#include "http/http_limits.h"
#include "http/metrics.h"
#include "http/stats.h"
#include "net/tls.h"

namespace piperoll::http {

struct ServerOptions {
  // net/listen_address.h; port 0 takes a free one, see Server::ports().
  std::vector<std::string> listen = {"127.0.0.1:8080"};
  std::vector<std::string> tls_listen = {};  // the same, with TLS
  const net::TlsContext* tls = nullptr;      // for tls_listen; outlives the server
  int threads = 1;
  Limits limits = {};
  Timeouts timeouts = {};
  // Addresses and CIDR ranges of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
  // Empty: nobody's.
  std::vector<std::string> trusted_proxies = {};
  // Null: the system's. Else it must outlive the server.
  const base::Clock* clock = nullptr;
  // Null: requests are not counted. Else it must outlive the server.
  Metrics* metrics = nullptr;
};

// Thread-safe.
class Server {
 public:
  // Listens and serves. handler and workers must outlive the server; workers runs the pieces of
  // streamed answers and the decoding of large bodies.
  // InvalidArgument: the options. Unavailable (code "address_in_use"): a port is taken.
  static base::Result<std::unique_ptr<Server>> start(ServerOptions options, Handler& handler,
                                                     base::Executor& workers);
  ~Server();  // stop(0), join()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Of each listening socket, in the order of options.listen and then options.tls_listen (a name
  // may have several).
  std::vector<std::uint16_t> ports() const;

  // Returns at once: no new connections, idle ones closed, requests in flight finished and answered
  // with "Connection: close"; live streams end when they are idle; whatever is left after
  // `deadline` is cut. The first call counts.
  void stop(std::chrono::milliseconds deadline);
  // Until everything stop() spoke of is done.
  void join();

  // Outlives the server.
  std::shared_ptr<const Stats> stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;

 public:
  explicit Server(std::unique_ptr<State> state);  // for start()
};

}  // namespace piperoll::http
