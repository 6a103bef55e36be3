#pragma once
// One network thread of the server: its connections, its timer, its mailbox. Everything runs on
// that thread except where said. Only http includes this.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/address_range.h"
#include "base/clock.h"
#include "base/executor.h"
#include "http/deadlines.h"
#include "http/mailbox_internal.h"
#include "http/request_id.h"
#include "http/response_head.h"
#include "http/server.h"
#include "net/io_pool_internal.h"
#include "wire/message.h"

namespace piperoll::http {

class Connection;

// Of the whole server; constant after construction, but for the atomics.
struct Shared {
  ServerOptions options;
  Handler& handler;
  base::Executor& workers;
  const base::Clock& clock;
  std::vector<base::AddressRange> trusted_proxies = {};
  std::shared_ptr<Stats> stats = std::make_shared<Stats>();
  std::atomic<std::size_t> bodies_bytes = 0;  // of limits.bodies_bytes_max
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::size_t> refused_connections = 0;
};

enum class Wait { Head, Body, Write, Idle, Handler, Linger };
inline constexpr std::size_t kWaits = 6;

class Loop {
 public:
  // finished: called once on the loop's thread, after drain(), when its last connection is gone.
  Loop(Shared& shared, boost::asio::io_context& io, std::function<void()> finished);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The loop whose thread this is, or null. Any thread.
  static Loop* current();

  // Takes over an accepted connection, to serve it or only to tell it that there are too many. The
  // caller has counted it in Shared.
  void adopt(net::Socket socket, bool over_limit, bool tls);
  // No more connections; those that exist finish what they are doing, until deadline.
  void drain(std::int64_t deadline_micros);

  std::size_t connection_count() const { return count_.load(std::memory_order_relaxed); }  // any

  // For connections.
  Shared& shared() { return shared_; }
  const std::shared_ptr<Mailbox>& mailbox() { return mailbox_; }
  bool is_draining() const { return draining_; }
  std::int64_t now() const { return shared_.clock.monotonic_micros(); }
  std::string_view date() { return date_.at(shared_.clock.now().micros / 1'000'000); }
  std::string new_request_id() { return request_ids_.next(); }
  wire::Request& request() { return request_; }     // reused, so that it does not allocate
  std::string& head_scratch() { return scratch_; }  // likewise
  char* read_bytes() { return read_bytes_.get(); }  // kReadBytes, and the padding behind
  void set(Wait wait, Deadline<Connection>& deadline);
  // Calls on_poll() of that connection once the time has come, if it still exists.
  void poll_after(int wait_ms, std::weak_ptr<Connection> connection);
  // Ends the stream where it may block.
  void retire(std::shared_ptr<BodySource> source);
  void remove(Connection& connection);

 private:
  void take_messages();
  void deliver(Message& message);
  void arm_timer();
  void on_tick();
  void arm_poll_timer();
  void run_polls();
  void cut_at_deadline();
  void finish_if_drained();

  Shared& shared_;
  boost::asio::io_context& io_;
  std::function<void()> finished_;
  std::shared_ptr<Mailbox> mailbox_;
  net::Timer timer_;
  net::Timer poll_timer_;
  bool timer_armed_ = false;
  bool poll_timer_armed_ = false;
  bool draining_ = false;
  bool has_finished_ = false;
  std::int64_t drain_deadline_micros_ = 0;

  std::list<std::shared_ptr<Connection>> connections_;
  std::atomic<std::size_t> count_ = 0;
  std::vector<std::unique_ptr<DeadlineList<Connection>>> waits_;  // by Wait
  std::multimap<std::int64_t, std::weak_ptr<Connection>> polls_;  // by time

  std::vector<Message> messages_;
  wire::Request request_;
  std::string scratch_;
  std::unique_ptr<char[]> read_bytes_;
  RequestIdSource request_ids_;
  DateCache date_;
};

}  // namespace piperoll::http
