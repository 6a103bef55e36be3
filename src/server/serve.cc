#include "server/serve.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include <pthread.h>
#include <signal.h>

#include "base/diagnostics.h"
#include "http/server.h"
#include "server/application.h"
#include "server/engine.h"
#include "server/engine_metrics.h"
#include "server/witness_settings.h"

namespace piperoll::server {
namespace {

using base::Result;

// Of the 10 s that a stop may take: requests get most of it, flushing the rest.
constexpr std::chrono::milliseconds kDrain{6'000};
constexpr std::chrono::seconds kStopMax{10};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// Blocked in every thread (they inherit the mask), so that only wait_for_stop() takes them.
void block_signals(bool hangup) {
  sigset_t set = stop_signals();
  if (hangup) {
    sigaddset(&set, SIGHUP);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

// With TLS SIGHUP stops nothing: certificates are read again, and connections that exist go on.
void wait_for_stop(net::TlsContext* tls) {
  sigset_t set = stop_signals();
  if (tls != nullptr) {
    sigaddset(&set, SIGHUP);
  }
  int got = 0;
  while (sigwait(&set, &got) == 0 && got == SIGHUP) {
    if (auto reloaded = tls->reload()) {
      base::info("read the certificates again");
    } else {
      base::error("cannot read the certificates again; those known stay in use",
                  {{"reason", reloaded.error().message}});
    }
  }
  base::info("stopping", {{"signal", got == SIGTERM ? "SIGTERM" : "SIGINT"}});
}

// A second signal, or a stop that takes too long, ends the process: what was acknowledged is safe.
void bound_the_stop() {
  std::thread([] {
    sigset_t set = stop_signals();
    timespec limit{.tv_sec = kStopMax.count() - 1, .tv_nsec = 0};
    sigtimedwait(&set, nullptr, &limit);
    base::warning("ending without a clean stop; the next start replays the journal");
    std::_Exit(0);
  }).detach();
}

EngineOptions engine_options(const Config& config, const WitnessSettings& witnessing) {
  return {.directory = config.data,
          .worker_threads = config.worker_threads,
          .hash_threads = std::max(1, config.network_threads / 2),
          .access_log = config.access_log,
          .pad_groups = config.pad_groups,
          .segment_bytes = config.segment_mib << 20,
          .reserve_bytes = config.reserve_mib << 20,
          .block_cache_bytes = config.block_cache_mib << 20,
          .write_buffer_bytes = config.write_buffer_mib << 20,
          .sessions = config.sessions,
          .limits = config.limits,
          .password_threads = config.password_threads,
          .server_name = config.server_name,
          .issuers = config.issuers,
          .public_url = config.public_url,
          .evidence = config.evidence,
          .signing_key = config.signing_key,
          .public_logs = config.public_logs,
          .accept_lost_journal = config.accept_lost_journal,
          .witnesses = witnessing.policy,
          .witnessed = witnessing.witnessed,
          .witness_timeout_micros = config.witness_timeout_micros};
}

http::ServerOptions http_options(const Config& config, const std::vector<std::string>& listen,
                                 http::Metrics* metrics) {
  http::ServerOptions options{.listen = listen,
                              .threads = config.network_threads,
                              .trusted_proxies = config.trusted_proxies,
                              .metrics = metrics};
  options.limits.connections_max = config.connections_max;
  return options;
}

// "127.0.0.1:8080" with the port that was really taken.
std::string address_of(const std::string& listen, std::uint16_t port) {
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

void announce(const Config& config, const http::Server& server, Engine& engine) {
  const auto ports = server.ports();
  const std::size_t plain = ports.size() - std::min(ports.size(), config.tls_listen.size());
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const bool tls = i >= plain;
    const auto& texts = tls ? config.tls_listen : config.listen;
    const std::string& listen = texts[std::min(tls ? i - plain : i, texts.size() - 1)];
    base::info("serving",
               {{"address", (tls ? "https://" : "http://") + address_of(listen, ports[i])},
                {"data", config.data}});
  }
  if (!engine.registry().has_keys()) {
    base::warning(
        "there is no key and no user yet, so every request is refused; make one with: piperoll key "
        "create");
  }
}

// Null where nothing is served with TLS.
Result<std::unique_ptr<net::TlsContext>> load_tls(const Config& config) {
  if (config.tls_listen.empty()) {
    return std::unique_ptr<net::TlsContext>();
  }
  return net::TlsContext::load(config.tls);
}

}  // namespace

Result<void> check_files(const Config& config) {
  RETURN_IF_ERROR(read_witness_settings(config));
  ASSIGN_OR_RETURN(auto loaded, load_tls(config));
  static_cast<void>(loaded);
  return {};
}

Result<void> serve(const Config& config) {
  block_signals(!config.tls_listen.empty());
  base::configure_diagnostics(config.log_level, config.log_format);
  const base::SystemClock clock;
  ASSIGN_OR_RETURN(WitnessSettings witnessing, read_witness_settings(config));
  ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine,
                   Engine::open(engine_options(config, witnessing), clock));
  std::unique_ptr<Witness> witness;
  if (witnessing.other_logs) {
    ASSIGN_OR_RETURN(witness, open_witness(config, *std::move(witnessing.other_logs),
                                           engine->server_name(), clock));
  }

  auto dialects = all_dialects(config.native);
  http::Metrics metrics(surface_names(dialects));
  add_engine_metrics(metrics, *engine);
  add_identity_metrics(metrics, *engine, clock);
  add_issuer_metrics(metrics, engine->tokens());
  add_witness_metrics(metrics, engine->witnesses(), witness.get());
  auto expose = [&metrics] { return metrics.expose(); };
  ASSIGN_OR_RETURN(std::unique_ptr<net::TlsContext> tls, load_tls(config));
  http::ServerOptions front = http_options(config, config.listen, &metrics);
  front.tls_listen = config.tls_listen;
  front.tls = tls.get();
  Application application(
      {.dialects = std::move(dialects),
       .service = engine->service(),
       .clock = clock,
       .clients = config.clients,
       .ready = [&engine] { return engine->ready(); },
       .metrics = config.metrics_listen.empty() ? std::function<std::string()>(expose) : nullptr,
       .witness = witness.get()});
  ASSIGN_OR_RETURN(std::unique_ptr<http::Server> server,
                   http::Server::start(std::move(front), application, engine->workers()));
  http::add_http_stats(metrics, server->stats());
  MetricsHandler metrics_handler(expose);
  std::unique_ptr<http::Server> metrics_server;
  if (!config.metrics_listen.empty()) {
    ASSIGN_OR_RETURN(metrics_server,
                     http::Server::start(http_options(config, config.metrics_listen, nullptr),
                                         metrics_handler, engine->workers()));
  }
  announce(config, *server, *engine);

  wait_for_stop(tls.get());
  bound_the_stop();
  server->stop(kDrain);
  server->join();
  if (metrics_server) {
    metrics_server->stop(std::chrono::milliseconds(0));
    metrics_server->join();
  }
  if (witness) {
    witness->stop();
  }
  engine->close();
  base::info("stopped");
  return {};
}

}  // namespace piperoll::server
