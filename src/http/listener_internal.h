#pragma once
// Accepts connections on one thread and hands each to the loop that has the fewest. Runs on the
// thread of its acceptors, except where said. Only http includes this.

#include <cstdint>
#include <memory>
#include <vector>

#include "http/loop_internal.h"
#include "net/io_pool_internal.h"

namespace piperoll::http {

class Listener {
 public:
  struct Target {
    Loop& loop;
    boost::asio::io_context& io;
  };

  // acceptors belong to the io_context of targets.front(); those from `plain` on are for TLS. All
  // of it outlives the listener.
  Listener(Shared& shared, std::vector<net::Acceptor> acceptors, std::size_t plain,
           std::vector<Target> targets);
  ~Listener();

  std::vector<std::uint16_t> ports() const;  // before start()
  void start();
  void close();

 private:
  struct Door;  // one acceptor and its pause
  void accept(Door& door);
  void hand_over(const Door& door, const Target& target, net::Socket socket);
  void pause(Door& door, const boost::system::error_code& why);
  const Target& least_loaded() const;

  Shared& shared_;
  std::vector<std::unique_ptr<Door>> doors_;
  const std::vector<Target> targets_;
  bool closed_ = false;
};

}  // namespace piperoll::http
