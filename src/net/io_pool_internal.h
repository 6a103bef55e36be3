#pragma once
// The network threads: one io_context each, so that a connection lives on one thread and needs no
// locks. Concrete executor types: the type-erased default costs over a microsecond a request.
// Only net and http include this.

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace piperoll::net {

using IoExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, IoExecutor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

// One thread at a time, except where said.
class IoPool {
 public:
  explicit IoPool(int threads);  // REQUIRES: threads >= 1
  ~IoPool();                     // stops what still runs, then joins
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  int size() const { return static_cast<int>(contexts_.size()); }
  // Thread-safe. REQUIRES: 0 <= index < size(). Lives as long as the pool.
  boost::asio::io_context& context(int index);

  void start();
  // Thread-safe. From now on the thread of that context ends as soon as it has nothing left to do.
  void release(int index);
  // Thread-safe, may be called by several. Until every thread has ended.
  void join();

 private:
  using Guard = boost::asio::executor_work_guard<IoExecutor>;
  struct Context;
  std::vector<std::unique_ptr<Context>> contexts_;
};

}  // namespace piperoll::net
