#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>

#include "base/diagnostics.h"
#include "http/listener_internal.h"

namespace piperoll::http {
namespace {

// Without file descriptors accept fails at once, over and over; time for some to be given back.
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

struct Listener::Door {
  Door(net::Acceptor from, bool is_tls)
      : acceptor(std::move(from)), tls(is_tls), pause_timer(acceptor.get_executor()) {}
  net::Acceptor acceptor;
  const bool tls;
  net::Timer pause_timer;
};

Listener::Listener(Shared& shared, std::vector<net::Acceptor> acceptors, std::size_t plain,
                   std::vector<Target> targets)
    : shared_(shared), targets_(std::move(targets)) {
  for (net::Acceptor& acceptor : acceptors) {
    doors_.push_back(std::make_unique<Door>(std::move(acceptor), doors_.size() >= plain));
  }
}

Listener::~Listener() = default;

std::vector<std::uint16_t> Listener::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& door : doors_) {
    boost::system::error_code ignored;
    ports.push_back(door->acceptor.local_endpoint(ignored).port());
  }
  return ports;
}

void Listener::start() {
  for (const auto& door : doors_) {
    accept(*door);
  }
}

void Listener::close() {
  closed_ = true;
  for (const auto& door : doors_) {
    boost::system::error_code ignored;
    door->acceptor.close(ignored);
    door->pause_timer.cancel();
  }
}

void Listener::accept(Door& door) {
  const Target& target = least_loaded();
  door.acceptor.async_accept(
      target.io,
      [this, &door, &target](const boost::system::error_code& error, net::Socket socket) {
        if (closed_) {
          return;
        }
        if (!error) {
          hand_over(door, target, std::move(socket));
        } else if (error != boost::asio::error::connection_aborted) {
          pause(door, error);
          return;
        }
        accept(door);
      });
}

void Listener::hand_over(const Door& door, const Target& target, net::Socket socket) {
  shared_.stats->connections_accepted.fetch_add(1, std::memory_order_relaxed);
  const Limits& limits = shared_.options.limits;
  bool over_limit = shared_.connections.fetch_add(1) >= limits.connections_max;
  if (over_limit) {
    shared_.connections.fetch_sub(1);
    shared_.stats->connections_refused.fetch_add(1, std::memory_order_relaxed);
    // Over TLS it would take a handshake to say a word.
    if (shared_.refused_connections.fetch_add(1) >= limits.refused_connections_max || door.tls) {
      shared_.refused_connections.fetch_sub(1);
      return;  // closed without a word
    }
  }
  boost::asio::dispatch(target.io, [&loop = target.loop, over_limit, tls = door.tls,
                                    taken = std::move(socket)]() mutable {
    loop.adopt(std::move(taken), over_limit, tls);
  });
}

void Listener::pause(Door& door, const boost::system::error_code& why) {
  base::warning("cannot accept connections", {{"what", why.message()}});
  door.pause_timer.expires_after(kPause);
  door.pause_timer.async_wait([this, &door](const boost::system::error_code& error) {
    if (!error && !closed_) {
      accept(door);
    }
  });
}

const Listener::Target& Listener::least_loaded() const {
  return *std::min_element(targets_.begin(), targets_.end(), [](const Target& a, const Target& b) {
    return a.loop.connection_count() < b.loop.connection_count();
  });
}

}  // namespace piperoll::http
