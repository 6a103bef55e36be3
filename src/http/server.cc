#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include "http/listener_internal.h"
#include "http/loop_internal.h"
#include "net/acceptor_internal.h"

namespace piperoll::http {
namespace {

base::Error bad_option(std::string what) {
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = std::move(what),
          .code = "bad_http_option"};
}

base::Result<std::vector<base::AddressRange>> parse_ranges(const std::vector<std::string>& texts) {
  std::vector<base::AddressRange> ranges;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(base::AddressRange range, base::AddressRange::parse(text));
    ranges.push_back(range);
  }
  return ranges;
}

base::Result<void> check(const ServerOptions& options) {
  if (options.listen.empty() && options.tls_listen.empty()) {
    return bad_option("a server needs at least one address to listen on");
  }
  if (!options.tls_listen.empty() && options.tls == nullptr) {
    return bad_option("TLS needs a certificate");
  }
  if (options.threads < 1 || options.threads > 256) {
    return bad_option("the number of network threads must be 1 to 256");
  }
  if (options.timeouts.tick_ms < 1) {
    return bad_option("the timer's tick must be at least one millisecond");
  }
  if (options.limits.header_bytes_max < 1024 || options.limits.pipelined_max < 1 ||
      options.limits.connections_max < 1) {
    return bad_option("an HTTP limit is too small to serve anything");
  }
  return {};
}

}  // namespace

struct Server::State {
  State(ServerOptions options, Handler& handler, base::Executor& workers)
      : clock(options.clock),
        shared{.options = std::move(options),
               .handler = handler,
               .workers = workers,
               .clock = clock != nullptr ? *clock : system_clock},
        pool(shared.options.threads) {}

  // The pool is stopped before the loops go, and the loops before what they use.
  ~State() {
    for (int i = 0; i < pool.size(); ++i) {
      pool.context(i).stop();
    }
    pool.join();
  }

  base::SystemClock system_clock;
  const base::Clock* clock;
  Shared shared;
  std::vector<std::uint16_t> ports;
  std::atomic<bool> stopping = false;
  net::IoPool pool;
  std::vector<std::unique_ptr<Loop>> loops;
  std::unique_ptr<Listener> listener;
};

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler& handler,
                                                    base::Executor& workers) {
  RETURN_IF_ERROR(check(options));
  ASSIGN_OR_RETURN(std::vector<base::AddressRange> trusted, parse_ranges(options.trusted_proxies));
  auto state = std::make_unique<State>(std::move(options), handler, workers);
  state->shared.trusted_proxies = std::move(trusted);
  net::IoPool& pool = state->pool;
  ASSIGN_OR_RETURN(std::vector<net::Acceptor> acceptors,
                   net::open_acceptors(pool.context(0), state->shared.options.listen));
  const std::size_t plain = acceptors.size();
  ASSIGN_OR_RETURN(std::vector<net::Acceptor> secure,
                   net::open_acceptors(pool.context(0), state->shared.options.tls_listen));
  std::move(secure.begin(), secure.end(), std::back_inserter(acceptors));
  std::vector<Listener::Target> targets;
  for (int i = 0; i < pool.size(); ++i) {
    state->loops.push_back(
        std::make_unique<Loop>(state->shared, pool.context(i), [&pool, i] { pool.release(i); }));
    targets.push_back({*state->loops.back(), pool.context(i)});
  }
  state->listener =
      std::make_unique<Listener>(state->shared, std::move(acceptors), plain, std::move(targets));
  state->ports = state->listener->ports();
  boost::asio::post(pool.context(0), [listener = state->listener.get()] { listener->start(); });
  pool.start();
  return std::make_unique<Server>(std::move(state));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  stop(std::chrono::milliseconds(0));
  join();
}

std::vector<std::uint16_t> Server::ports() const {
  return state_->ports;
}

void Server::stop(std::chrono::milliseconds deadline) {
  if (state_->stopping.exchange(true)) {
    return;
  }
  std::int64_t at = state_->shared.clock.monotonic_micros() + deadline.count() * 1000;
  // The listener hands over on this thread too: what it accepted is adopted before its loop drains.
  boost::asio::post(state_->pool.context(0), [state = state_.get(), at] {
    state->listener->close();
    for (int i = 0; i < state->pool.size(); ++i) {
      Loop& loop = *state->loops[static_cast<std::size_t>(i)];
      boost::asio::dispatch(state->pool.context(i), [&loop, at] { loop.drain(at); });
    }
  });
}

void Server::join() {
  state_->pool.join();
}

std::shared_ptr<const Stats> Server::stats() const {
  return state_->shared.stats;
}

}  // namespace piperoll::http
